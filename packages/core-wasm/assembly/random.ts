// The generators' random numbers: mulberry32, thirty-two bits of state, the same sequence from the same seed in
// every build, in Node and in browsers, and in the tests' reference.

let state: u32 = 1;

export function seedRandom(seed: u32): void {
  state = seed;
}

/** Uniform in [0, 1), 32 bits. */
export function nextRandom(): f64 {
  state += 0x6d2b79f5;
  let t = (state ^ (state >> 15)) * (1 | state);
  t = (t + (t ^ (t >> 7)) * (61 | t)) ^ t;
  return <f64>(t ^ (t >> 14)) / 4294967296.0;
}
