/**
 * Moves a loop's taps by less than a sample, so that its gains stay what they are: a T60 of 30 s is a gain of 0.9973 per round
 * trip, and 3e-4 of it a tenth of that time. Two things change gains where taps are simply interpolated:
 *
 *   band   the top third, where a string has nothing to say, moves less and less and at last not at all (a raised cosine,
 *          half at 5/6 of half the sample rate), so that the interpolation is short. Left where it is, and faded out
 *          only as far as the caller wants.
 *   ends   learned taps end where they are cut off, and what is moved out there is lost to every partial: up to 1e-3. So the
 *          taps near each end make up for it in the lower two thirds, at the cost of the top:
 *
 *            taps    . . . | h[N-3] h[N-2] h[N-1] |  lost[0] lost[1] . . .
 *                            c[2]   c[1]   c[0]        least squares of  c - lost  below 2/3 of half the sample rate
 *
 * What is left of learned strings is 1e-4 at most and mostly below 1e-5 (docs/LOG.md, 2026-11-27). Taps that are loudest
 * within some eight of an end lose more than that can make up for.
 */

/** The raised cosine's middle and how far it reaches on either side, as parts of half the sample rate and of the middle. */
const HALF_BAND = 5 / 6;
const ROLL_OFF = 0.2;

/** Lost taps that are made up for, at each end, and taps that do it: beyond, the interpolation is below 2e-5. */
const LOST = 64;
const MAKING_UP = 48;
/** Below this (radians per sample) it counts; and the cost of a tap's energy, which keeps the top from growing. */
const HEARD_BELOW = (2 / 3) * Math.PI;
const COST = 1e-5;

/** Taps that are cut off, moved. @param row [taps] @returns [taps]; its gain may exceed the row's in the top third */
type Shift = (row: Float64Array) => Float64Array;

/**
 * Prepare to move filters.
 * @param count taps of each
 * @param earlier samples, -0.5 to 0.5; above 0 their delay gets shorter
 * @param kept how much of the top of the band stays, 0 to 1
 */
export function fractionalShift(count: number, earlier: number, kept = 1): Shift {
  const kernel = fractionalKernel(count + LOST, earlier, kept);
  const middle = (kernel.length - 1) / 2;
  const madeUp = makingUp(Math.min(MAKING_UP, count >> 1));
  return (row) => {
    const at = (j: number) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += row[i] * kernel[j - i + middle];
      return sum;
    };
    const out = Float64Array.from(row, (_, j) => at(j));
    for (const [end, outwards] of [
      [0, -1],
      [count - 1, 1],
    ]) {
      const lost = Float64Array.from({ length: LOST }, (_, m) => at(end + outwards * (1 + m)));
      madeUp(lost).forEach((x, i) => {
        out[end - outwards * i] += x;
      });
    }
    return out;
  };
}

/** So many taps inside an end, counted inwards, that sound like those lost beyond it, counted outwards. */
function makingUp(taps: number): (lost: Float64Array) => Float64Array {
  const likeness = Float64Array.from({ length: taps + LOST }, (_, apart) => likenessOf(apart));
  const matrix = Array.from({ length: taps }, (_, i) =>
    Float64Array.from({ length: taps }, (_, j) => likeness[Math.abs(i - j)] + (i === j ? COST : 0)),
  );
  eliminate(matrix);
  return (lost) =>
    solved(
      matrix,
      Float64Array.from({ length: taps }, (_, i) =>
        lost.reduce((sum, x, m) => sum + x * likeness[i + 1 + m], 0),
      ),
    );
}

/** Of two taps so many samples apart, below `HEARD_BELOW`: the mean of the product of their spectra. */
function likenessOf(apart: number): number {
  return apart === 0 ? HEARD_BELOW / Math.PI : Math.sin(HEARD_BELOW * apart) / (Math.PI * apart);
}

/** Bring a positive definite matrix into the form that `solved` takes, in place: below the diagonal, what was taken off. */
function eliminate(matrix: Float64Array[]): void {
  for (let k = 0; k < matrix.length; k++) {
    for (let i = k + 1; i < matrix.length; i++) {
      const factor = matrix[i][k] / matrix[k][k];
      for (let j = k + 1; j < matrix.length; j++) matrix[i][j] -= factor * matrix[k][j];
      matrix[i][k] = factor;
    }
  }
}

/** Solve a system whose matrix was eliminated. @param x right side, used up */
function solved(matrix: readonly Float64Array[], x: Float64Array): Float64Array {
  for (let k = 0; k < x.length; k++) for (let i = k + 1; i < x.length; i++) x[i] -= matrix[i][k] * x[k];
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = i + 1; j < x.length; j++) x[i] -= matrix[i][j] * x[j];
    x[i] /= matrix[i][i];
  }
  return x;
}

/**
 * k(m + fraction) + kept (1 - k(m)) of the raised cosine pulse k, m = -(count - 1) .. count - 1, 1 standing for the unit
 * impulse: where the pulse's spectrum is W, W e^(j w fraction) + kept (1 - W), a gain of 1 at most. Nothing but the
 * impulse for a fraction of 0 and all kept.
 */
function fractionalKernel(count: number, fraction: number, kept: number): Float64Array {
  return Float64Array.from({ length: 2 * count - 1 }, (_, i) => {
    const m = i - (count - 1);
    return raisedCosine(m + fraction) + kept * ((m === 0 ? 1 : 0) - raisedCosine(m));
  });
}

/** k(t), t in samples; its spectrum W is 1 up to two thirds of half the sample rate, and 0 from all of it on. */
function raisedCosine(t: number): number {
  const x = HALF_BAND * t;
  const edge = 1 - (2 * ROLL_OFF * x) ** 2;
  const sinc = Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  // where the edge's factor is 0 by 0 its limit holds
  const fade = Math.abs(edge) < 1e-9 ? Math.PI / 4 : Math.cos(Math.PI * ROLL_OFF * x) / edge;
  return HALF_BAND * sinc * fade;
}
