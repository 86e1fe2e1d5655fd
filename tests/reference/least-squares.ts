/**
 * The authority for the start of a passive string's training: the FIR around one period that predicts pre-emphasised
 * recordings best, stretch by stretch, as a plain weighted least-squares problem in float64. Every product is summed
 * anew, and the normal equations are solved by Gauss's elimination with pivots.
 */

/** What is predicted from what, and how stretches are weighed. */
export interface PeriodicPrediction {
  /** N */
  taps: number;
  /** Delay of the first tap (samples). */
  near: number;
  /** Samples that weigh together. */
  stretch: number;
  preEmphasis: number;
  /** Added to a stretch's mean square. */
  silence: number;
  /** Added to the diagonal, relative to its mean. */
  ridge: number;
}

/** Predict each sample from those around one period before. @returns [taps] */
export function leastSquaresPrediction(
  recordings: readonly ArrayLike<number>[],
  { taps, near, stretch, preEmphasis, silence, ridge }: PeriodicPrediction,
): Float64Array {
  const A = Array.from({ length: taps }, () => new Float64Array(taps));
  const b = new Float64Array(taps);
  const longest = near + taps - 1;
  for (const recording of recordings) {
    const x = Array.from(recording, (v, n) => v - preEmphasis * (n > 0 ? recording[n - 1] : 0));
    for (let from = longest + 1; from + stretch <= x.length; from += stretch) {
      const heard = x.slice(from - longest, from + stretch);
      const weight = 1 / (heard.reduce((sum, v) => sum + v * v, 0) / heard.length + silence);
      for (let n = from; n < from + stretch; n++) {
        for (let i = 0; i < taps; i++) {
          b[i] += weight * x[n] * x[n - near - i];
          for (let j = 0; j < taps; j++) A[i][j] += weight * x[n - near - i] * x[n - near - j];
        }
      }
    }
  }
  const mean = A.reduce((sum, row, i) => sum + row[i], 0) / taps;
  for (let i = 0; i < taps; i++) A[i][i] += ridge * mean;
  return eliminate(A, b);
}

/** Solve A x = b; both are overwritten. */
function eliminate(A: Float64Array[], b: Float64Array): Float64Array {
  const size = b.length;
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column; i < size; i++) if (Math.abs(A[i][column]) > Math.abs(A[pivot][column])) pivot = i;
    [A[column], A[pivot]] = [A[pivot], A[column]];
    [b[column], b[pivot]] = [b[pivot], b[column]];
    for (let i = column + 1; i < size; i++) {
      const factor = A[i][column] / A[column][column];
      for (let j = column; j < size; j++) A[i][j] -= factor * A[column][j];
      b[i] -= factor * b[column];
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) b[i] -= A[i][j] * b[j];
    b[i] /= A[i][i];
  }
  return b;
}
