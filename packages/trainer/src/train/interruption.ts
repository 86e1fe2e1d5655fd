/**
 * Ctrl-C while something long runs: the first asks it to end and keep what it has, the second kills. A training ends at
 * the next step, and what is best so far is exported.
 */
import type { Terminal } from "../terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Listens for a wish to end, until disposed. */
export class Interruption {
  /** Whether the user has asked to end. */
  asked = false;
  /** Called then. */
  onAsked?: () => void;
  readonly #onSignal: () => void;

  /** @param says what becomes of what runs */
  constructor(
    terminal: Pick<Terminal, "say">,
    says = "stopping: exporting the best so far (Ctrl-C again to kill)",
  ) {
    this.#onSignal = () => {
      // a process group's Ctrl-C may reach us twice at once, through pnpm and directly
      if (this.asked) return;
      this.asked = true;
      terminal.say(says);
      this.onAsked?.();
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
