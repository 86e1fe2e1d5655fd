/**
 * Seeded random numbers for training: initial weights and the order of examples. mulberry32, the generator the WASM
 * core uses too, so that one seed means the same everywhere.
 */

/** A stream of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * Start a stream.
 * @param seeds one or more whole numbers; different lists give unrelated streams
 */
export function seededRandom(...seeds: number[]): Random {
  let state = 0;
  for (const seed of seeds) state = scramble((state ^ seed) >>> 0);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return scramble(state) / 4294967296;
  };
}

/** The generator's output function: every bit of the state reaches every bit of the result. */
function scramble(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

/** The gain, of those within some decibels of 1, that an evenly drawn number stands for. @param draw 0 to 1 */
export function gainWithin(decibels: number, draw: number): number {
  return 10 ** (((2 * draw - 1) * decibels) / 20);
}

/** Shuffle in place (Fisher and Yates). */
export function shuffle(items: Uint32Array, random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
}
