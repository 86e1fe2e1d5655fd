/**
 * The authority for the generators' random numbers: mulberry32, as its author T. Ettinger published it for
 * JavaScript. Also the seeded source of every random number in the tests of core-wasm.
 */

/**
 * Make a source of random numbers.
 * @param seed 32 bits
 * @returns a function whose calls give the sequence, uniform in [0, 1)
 */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
