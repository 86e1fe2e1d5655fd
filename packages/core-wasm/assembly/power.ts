// Powers of positive numbers, by way of the logarithm: Math.pow, which must be right for every pair of numbers, would be
// the largest function of the player builds (2 KiB) and no better for what gains and pitches ask of it.

/** base to an exponent, base above 0; relative error some 1e-16 times the logarithm of the result. */
export function power(base: f64, exponent: f64): f64 {
  return Math.exp(exponent * Math.log(base));
}
