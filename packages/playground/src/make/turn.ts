/**
 * Whose turn it is to learn: tabs on this page keep what they make in one place, so only one of them trains at a time; a
 * second would train the same string from the same state and overwrite what the first one keeps.
 */
const NAME = "neural-string: learning";
/** A tab that is being reloaded lets go a moment after its successor asks (ms). */
const PATIENCE_MS = 1500;

export class Turn {
  #asked: Promise<(() => void) | null> | null = null;

  /** Take it. @returns whether no other tab has it; true where this browser (or an insecure page) cannot tell */
  async take(): Promise<boolean> {
    this.#asked ??= ask();
    const asked = this.#asked;
    const isOurs = (await asked) !== null;
    // given back meanwhile, or to be asked for again
    if (!isOurs && this.#asked === asked) this.#asked = null;
    return isOurs;
  }

  /** Let other tabs have it. */
  giveBack(): void {
    const asked = this.#asked;
    this.#asked = null;
    void asked?.then((end) => end?.());
  }
}

/** @returns what ends the turn; null where another tab has it */
function ask(): Promise<(() => void) | null> {
  if (navigator.locks === undefined) return Promise.resolve(() => undefined);
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const held = navigator.locks.request(NAME, { signal }, () => new Promise<void>((end) => resolve(end)));
    held.catch(() => resolve(null));
  });
}
