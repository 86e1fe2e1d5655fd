/**
 * What is played while sound is still being started: the touch that starts it is to be heard, too. Notes wait here until
 * there is a model to play them, and keep the distances and the lengths that they were played with.
 */
import type { ToStage } from "./stage-messages.ts";

/** Seconds after which a note that waited is not worth hearing any more. */
const LATEST = 3;

interface Waiting {
  note: ToStage & { type: "noteOn" };
  /** Seconds of the page's clock; `end` where it was let go meanwhile. */
  begin: number;
  end?: number;
}

export class EarlyNotes {
  readonly #now: () => number;
  readonly #waiting = new Map<number, Waiting>();

  /** @param now seconds of the page's clock, since there may be no audio context yet */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** Keep what can be played later; settings are told anew when a model plays, and need not be. */
  keep(message: ToStage): void {
    if (message.type === "noteOn") {
      for (const [id, { begin }] of this.#waiting)
        if (this.#now() - begin >= LATEST) this.#waiting.delete(id);
      this.#waiting.set(message.id, { note: message, begin: this.#now() });
    } else if (message.type === "noteOff") {
      const held = this.#waiting.get(message.id);
      if (held !== undefined) held.end ??= this.#now();
    } else if (message.type === "stop") this.#waiting.clear();
  }

  /**
   * Take what waits, as messages that play it from now on.
   * @param time seconds of the audio context, now
   */
  take(time: number): ToStage[] {
    const now = this.#now();
    const all = [...this.#waiting.values()].filter(({ begin }) => now - begin < LATEST);
    this.#waiting.clear();
    // a strum's notes have times of their own, as far apart as its strings
    const first = Math.min(...all.map(({ note }) => note.time ?? 0));
    return all.flatMap(({ note, begin, end }): ToStage[] => {
      const at = time + (note.time ?? first) - first;
      const on: ToStage = { ...note, time: at };
      return end === undefined ? [on] : [on, { type: "noteOff", id: note.id, time: at + end - begin }];
    });
  }
}
