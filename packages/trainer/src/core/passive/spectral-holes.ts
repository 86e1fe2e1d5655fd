/**
 * Mends the holes of a predicted spectrum. Linear prediction is sure of a bin only where the recording has a partial that
 * decays evenly: between partials, at those that were struck in a node, and where two beat, it answers with little gain and
 * any phase. Such a bin is no good place to begin: what it plays lies under the noise floor from the first trip on, where no
 * loss has a slope, and a short training leaves a hole there. Its neighbours know better: the phase of a string follows its
 * stiffness, and what is left of it, like the damping, moves slowly. Where they disagree they know nothing either: a hole
 * mended by such neighbours rang with any phase, and its price drowned all else (docs/LOG.md, 2026-11-27). Bins that ring
 * are left alone, however far from their neighbours: the recording has something there, and moving them cost more than it
 * gained (docs/LOG.md, 2026-11-26).
 */
import { median } from "../../measure/decay-time.ts";
import { type LoopSpectrum, wrapped } from "./spectral-form.ts";

/** Bins on either side that are asked. */
const NEIGHBOURS = 4;
/** A hole is a bin with less gain than this, damped more than so many times the neighbours' median. */
const MOST_GAIN = 0.5;
const LEAST_RATIO = 4;
/**
 * Neighbours agree whose phases lie so near to one line, in the median (radians): around holes of strings 0.03 to 0.6,
 * where nothing is known 1 to 2.
 */
const AGREEING = 0.75;

/**
 * Mend.
 * @param spectrum phases wrapped, [bins]; changed in place
 * @param expected the unwrapped phases of the string by its stiffness, [bins]
 * @param lowest bin that may hold a partial: below it damping is the recording's own matter, an offset must not ring
 * @returns the unwrapped phase that each bin's neighbours suggest, [bins]: it tells the turns of the bin's own
 */
export function mendHoles(
  { logDamping, phase }: LoopSpectrum,
  expected: Float64Array,
  lowest: number,
): Float64Array {
  const bins = phase.length;
  const gains = logDamping.map((x) => Math.exp(-Math.exp(x)));
  const dampings = logDamping.slice();
  const beside = phase.map((x, k) => x - expected[k]);
  const suggested = expected.slice();
  let line = 0;
  for (let k = lowest; k < bins; k++) {
    // as many on either side: the middle of what rises is where it is
    const reach = Math.min(NEIGHBOURS, k - lowest, bins - 1 - k);
    const around = (all: Float64Array) => all.subarray(k - reach, k + reach + 1);
    // what bins lower down came to says which turn to count from
    const near = around(beside).map((x) => line + wrapped(x - line));
    line = weightedMedian(near, around(gains));
    suggested[k] += line;
    // every neighbour counts alike: among silent ones a bin stays silent
    const usual = median(around(dampings));
    if (gains[k] > MOST_GAIN || dampings[k] - usual < Math.log(LEAST_RATIO)) continue;
    if (median(near.map((x) => Math.abs(x - line))) > AGREEING) continue;
    logDamping[k] = usual;
    phase[k] = wrapped(suggested[k]);
  }
  return suggested;
}

/** The value at which half of the weight is reached. */
function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = [...values.keys()].sort((a, b) => values[a] - values[b]);
  const half = weights.reduce((sum, weight) => sum + weight, 0) / 2;
  let sum = 0;
  for (const i of order) {
    sum += weights[i];
    if (sum >= half) return values[i];
  }
  return values[order[order.length - 1]];
}
