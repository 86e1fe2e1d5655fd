// Solves a symmetric Toeplitz system, the normal equations of a filter whose spectrum is fitted with weights, by
// Levinson's recursion: from the solution of the first m equations to that of m + 1, in 4 m multiply-adds.
//
//   r0 r1 r2 .. |      x0     b0      what the first m leave at equation m:  misses = b[m] - sum x[i] r[m - i]
//   r1 r0 r1 .. |   *  x1  =  b1      the predictor, backwards, answers to equation m alone:
//   r2 r1 r0 .. |      x2     b2        x += misses / error * ( p[m] .. p[0] )
//   ------------+ m
//
// Memory: r, b, x and the predictor, f64 x count each. Cost: 4 count^2 / 2 float64 multiply-adds; 7 % of what tuning a
// string costs (passive-retune.ts).

/**
 * Solve sum over j of r[|i - j|] x[j] = b[i], i = 0 .. count - 1; r positive definite.
 * @param r f64 x count @param b f64 x count @param x f64 x count, the result
 * @param predictor f64 x count, scratch
 */
export function solveToeplitz(r: usize, b: usize, count: i32, x: usize, predictor: usize): void {
  let error = load<f64>(r);
  store<f64>(predictor, 1);
  store<f64>(x, load<f64>(b) / error);
  for (let m = 1; m < count; ++m) {
    const last = (<usize>m) << 3;
    // what the forward predictor and the solution so far leave at the next equation
    let leaves: f64 = 0;
    let misses: f64 = load<f64>(b + last);
    for (let i = 0; i < m; ++i) {
      const at = (<usize>i) << 3;
      const lag = load<f64>(r + last - at);
      leaves += load<f64>(predictor + at) * lag;
      misses -= load<f64>(x + at) * lag;
    }
    const reflection = -leaves / error;
    store<f64>(predictor + last, 0);
    for (let i = 0, j = m; i <= j; ++i, --j) {
      const left = predictor + ((<usize>i) << 3);
      const right = predictor + ((<usize>j) << 3);
      const a = load<f64>(left);
      const c = load<f64>(right);
      store<f64>(left, a + reflection * c);
      if (i < j) store<f64>(right, c + reflection * a);
    }
    error *= 1 - reflection * reflection;
    // the predictor backwards answers to the next equation alone
    const part = misses / error;
    store<f64>(x + last, 0);
    for (let i = 0; i <= m; ++i) {
      const at = x + ((<usize>i) << 3);
      store<f64>(at, load<f64>(at) + part * load<f64>(predictor + last - ((<usize>i) << 3)));
    }
  }
}
