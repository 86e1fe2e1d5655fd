/**
 * Ctrl-C while training: the first ends it at the next step, and what is best so far is exported; the second kills.
 */
import type { Terminal } from "../terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Listens for a wish to end, until disposed. */
export class Interruption {
  /** Whether the user has asked to end. */
  asked = false;
  readonly #onSignal: () => void;

  constructor(terminal: Terminal) {
    this.#onSignal = () => {
      // a process group's Ctrl-C may reach us twice at once, through pnpm and directly
      if (this.asked) return;
      this.asked = true;
      terminal.say("stopping: exporting the best so far (Ctrl-C again to kill)");
      setTimeout(() => {
        for (const signal of SIGNALS) process.off(signal, this.#onSignal);
      }, 1000).unref();
    };
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  dispose(): void {
    if (!this.asked) for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }
}
