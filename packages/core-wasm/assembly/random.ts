// The generators' random numbers: mulberry32, thirty-two bits of state, the same sequence from the same seed in
// every build, in Node and in browsers, and in the tests' reference.
//
//   state += 0x6d2b79f5 --> two rounds of multiply and xor-shift --> u32 / 2^32
//
// Memory: the state. Cost: some ten integer operations a number.

const STEP: u32 = 0x6d2b79f5;
let state: u32 = 1;

export function seedRandom(seed: u32): void {
  state = seed;
}

/** Uniform in [0, 1), 32 bits. */
export function nextRandom(): f64 {
  const seed = state + STEP;
  state = seed;
  return uniform(seed);
}

/** The next `count` of them at once: f64 x count. @returns their sum */
export function nextRandoms(to: usize, count: i32): f64 {
  // in a local, or each would wait until the one before is in memory
  let seed = state;
  let sum: f64 = 0;
  for (let i = 0; i < count; ++i) {
    seed += STEP;
    const u = uniform(seed);
    store<f64>(to + ((<usize>i) << 3), u);
    sum += u;
  }
  state = seed;
  return sum;
}

// @ts-ignore: decorator
@inline
function uniform(seed: u32): f64 {
  let t = (seed ^ (seed >> 15)) * (1 | seed);
  t = (t + (t ^ (t >> 7)) * (61 | t)) ^ t;
  return <f64>(t ^ (t >> 14)) / 4294967296.0;
}
