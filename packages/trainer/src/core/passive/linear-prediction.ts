/**
 * Where a passive string's training starts: the FIR around one period that predicts the recordings best, by least
 * squares. As a loop filter it is not passive and sounds poor, but its phases (tuning, stiffness) are nearly right.
 */

/** Stretches that weigh alike (samples), each by its own energy: a decay's quiet end counts as much as its attack. */
const STRETCH = 2048;
const PRE_EMPHASIS = 0.9;
/** Only so much of a recording is looked at (s): later there is more noise than string. */
const MOST_SECONDS = 6;
/** Added to a stretch's mean square, so that silence does not count without limit. */
const SILENCE = 1e-6;
/** Added to the diagonal, relative to its mean. */
const RIDGE = 1e-6;

export interface LoopShape {
  /** N */
  taps: number;
  /** Delay of the first tap (samples). */
  near: number;
}

/**
 * Predict each sample from those around one period before.
 * @param recordings [samples] each, at one sample rate, tuned alike
 * @returns [taps]: the gain at delay near + j
 * @throws RangeError where no recording holds one stretch
 */
export function periodicLinearPrediction(
  recordings: readonly Float32Array[],
  sampleRate: number,
  { taps, near }: LoopShape,
): Float64Array {
  const covariance = Array.from({ length: taps }, () => new Float64Array(taps));
  const target = new Float64Array(taps);
  const longest = near + taps - 1;
  let stretches = 0;
  for (const recording of recordings) {
    const x = emphasised(recording.subarray(0, MOST_SECONDS * sampleRate));
    for (let from = longest + 1; from + STRETCH <= x.length; from += STRETCH) {
      addStretch(x, from, { taps, near }, covariance, target);
      stretches++;
    }
  }
  if (stretches === 0) throw new RangeError(`recordings: expected ${longest + 1 + STRETCH} samples or more`);
  return solveSymmetric(covariance, target);
}

function emphasised(x: Float32Array): Float64Array {
  return Float64Array.from(x, (v, i) => v - PRE_EMPHASIS * (i > 0 ? x[i - 1] : 0));
}

/** Add one stretch's products, upper triangle only: each diagonal follows from its first entry by two products. */
function addStretch(
  x: Float64Array,
  from: number,
  { taps, near }: LoopShape,
  covariance: Float64Array[],
  target: Float64Array,
): void {
  const to = from + STRETCH;
  let energy = 0;
  for (let n = from - near - taps + 1; n < to; n++) energy += x[n] * x[n];
  const weight = 1 / (energy / (to - from + near + taps - 1) + SILENCE);
  for (let j = 0; j < taps; j++) {
    let product = 0;
    let forward = 0;
    for (let n = from; n < to; n++) {
      product += x[n - near] * x[n - near - j];
      forward += x[n] * x[n - near - j];
    }
    target[j] += weight * forward;
    for (let i = 0; i + j < taps; i++) {
      covariance[i][i + j] += weight * product;
      const before = from - 1 - near - i;
      const last = to - 1 - near - i;
      product += x[before] * x[before - j] - x[last] * x[last - j];
    }
  }
}

/** Solve A x = b by Cholesky, A positive definite and given by its upper triangle (overwritten). */
export function solveSymmetric(upper: Float64Array[], b: Float64Array): Float64Array {
  const size = b.length;
  const trace = upper.reduce((sum, row, i) => sum + row[i], 0);
  const ridge = (RIDGE * trace) / size;
  // in place: row i of `upper` becomes row i of R, A = R^T R
  for (let i = 0; i < size; i++) {
    const row = upper[i];
    row[i] += ridge;
    for (let k = 0; k < i; k++) {
      const other = upper[k];
      const factor = other[i];
      for (let j = i; j < size; j++) row[j] -= factor * other[j];
    }
    const pivot = Math.sqrt(Math.max(row[i], 1e-30));
    row[i] = pivot; // never 0, not even in silence
    for (let j = i + 1; j < size; j++) row[j] /= pivot;
  }
  const x = Float64Array.from(b);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i] -= upper[k][i] * x[k];
    x[i] /= upper[i][i];
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let j = i + 1; j < size; j++) x[i] -= upper[i][j] * x[j];
    x[i] /= upper[i][i];
  }
  return x;
}
