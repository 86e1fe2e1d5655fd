/**
 * Brings the partials of a string, one by one, to the pitch they have in its recordings. A loss on short spectra says
 * little of pitch: what training leaves differs from partial to partial by a cent or two, while recordings of one string
 * agree within a tenth to a half (docs/LOG.md, 2026-11-26). All filters of the first loop turn alike, so that what lies
 * between them, the glide, stays as it was learned.
 */
import type { PassiveModel } from "@neural-string/core-wasm";
import type { Tensor } from "@neural-string/shared";
import { median } from "../../measure/decay-time.ts";
import { passiveModel, type StringFacts } from "./export.ts";
import { solveSymmetric } from "./linear-prediction.ts";
import type { Play } from "./listen.ts";
import { MOST_CENTS, type PitchRecordings, partialCents } from "./pitch.ts";
import { SpectralForm, wrapped } from "./spectral-form.ts";
import type { Tuning } from "./tuning.ts";
import { type Parameters, SPECTRA, spectraOf } from "./variables.ts";

/** Partials that are brought in tune. Those above are too short to be heard as pitches. */
const PARTIALS = 16;
/** Further starts after the onset (s): a string goes on from wherever it is taken up. */
const STARTS = [0, 0.25];
/** Beyond this (cents) it may be another mode of a close pair that is louder: such errors count by their size only. */
const FEW_CENTS = 2;
const ROUNDS = 3;
/** Half of the partials lie within this (cents): as near as recordings of one string lie to each other. */
const ENOUGH_CENTS = 0.5;
/**
 * A turn of so much (radians), or a bend of so much from bin to bin, counts as one cent off does. Phases that bend more
 * lower the gain between the bins: with four times this much the energy over five seconds is 1 to 3 dB further off.
 */
const TURN = 0.2;
const BEND = 0.005;
const DIFFERENCE = 1e-4;

/** How many cents sharp each partial plays, the median over recordings and starts; null where it is not heard. */
export function partialSharpness(
  play: Play,
  model: PassiveModel,
  recordings: PitchRecordings,
): (number | null)[] {
  const heard = recordings.flatMap((samples) =>
    STARTS.map((seconds) =>
      partialCents(play, model, samples.subarray(Math.round(seconds * model.sampleRate)), PARTIALS),
    ),
  );
  return Array.from({ length: PARTIALS }, (_, i) => {
    const cents = heard.flatMap((row) => row[i] ?? []).filter((sharp) => Math.abs(sharp) <= MOST_CENTS);
    return cents.length === 0 ? null : median(cents);
  });
}

/**
 * The same string, its partials in tune.
 * @param parameters of loops, not of planes: planes are solved for in tune, and their beating does not bear it
 * @param recordings at its pitch, from the onset on
 */
export function partialsInTune(
  parameters: Parameters,
  facts: StringFacts,
  play: Play,
  recordings: PitchRecordings,
): Parameters {
  let slopes: Float64Array[] | undefined;
  let [best, least] = [parameters, Number.POSITIVE_INFINITY];
  let tried = parameters;
  for (let round = 0; round <= ROUNDS; round++) {
    const sharp = partialSharpness(play, passiveModel(tried, facts), recordings);
    const known = sharp.flatMap((cents) => (cents === null ? [] : Math.abs(cents)));
    const error = known.reduce((sum, cents) => sum + cents, 0);
    if (error >= least) break;
    [best, least] = [tried, error];
    if (known.length === 0 || median(known) <= ENOUGH_CENTS) break;
    slopes ??= slopesOf(parameters, facts.tuning);
    tried = turned(tried, turnsFor(sharp, slopes));
  }
  return best;
}

/** How many cents each partial rises where the phase of a bin grows by a radian: [PARTIALS][moved], bin 1 first. */
function slopesOf(parameters: Parameters, { taps, ahead, fade, sampleRate, f0 }: Tuning): Float64Array[] {
  const form = new SpectralForm(taps, ahead, fade);
  // any filter of the first loop will do: they differ by little
  const spectrum = spectraOf(parameters, true)[1];
  const anglesAt = (phase: Float64Array) => {
    const h = form.tapsOf({ ...spectrum, phase });
    return Float64Array.from({ length: PARTIALS }, (_, i) => {
      const w = (2 * Math.PI * (i + 1) * f0) / sampleRate;
      let [re, im] = [0, 0];
      h.forEach((tap, n) => {
        re += tap * Math.cos(w * (n - ahead));
        im -= tap * Math.sin(w * (n - ahead));
      });
      return Math.atan2(im, re);
    });
  };
  const plain = anglesAt(spectrum.phase);
  const moved = Math.min(form.bins - 2, Math.ceil((PARTIALS * f0 * taps) / sampleRate) + 1);
  const columns = Array.from({ length: moved }, (_, k) => {
    const phase = spectrum.phase.slice();
    phase[k + 1] += DIFFERENCE;
    return anglesAt(phase).map((angle, i) => wrapped(angle - plain[i]) / DIFFERENCE);
  });
  return Array.from({ length: PARTIALS }, (_, i) => {
    // a turn by 2 pi is one period of the partial on every trip, which has i + 1 of them
    const cents = 1200 / Math.LN2 / (2 * Math.PI * (i + 1));
    return Float64Array.from(columns, (column) => cents * column[i]);
  });
}

/** The turns of the bins that take most of the sharpness away, small and smooth. @returns radians, bin 1 first */
function turnsFor(sharp: readonly (number | null)[], slopes: readonly Float64Array[]): Float64Array {
  const count = slopes[0].length;
  const normal = Array.from({ length: count }, () => new Float64Array(count));
  const target = new Float64Array(count);
  const add = (row: ArrayLike<number>, value: number, weight: number) => {
    for (let i = 0; i < count; i++) {
      target[i] += weight * row[i] * value;
      for (let j = i; j < count; j++) normal[i][j] += weight * row[i] * row[j];
    }
  };
  sharp.forEach((cents, i) => {
    if (cents !== null) add(slopes[i], -cents, Math.min(1, FEW_CENTS / Math.abs(cents)));
  });
  for (let k = 0; k < count; k++) {
    normal[k][k] += 1 / TURN ** 2;
    // before the first lies 0 Hz, which does not turn
    const bend = new Float64Array(count);
    if (k > 0) bend[k - 1] = -1;
    bend[k] = 2;
    if (k + 1 < count) bend[k + 1] = -1;
    add(bend, 0, 1 / BEND ** 2);
  }
  return solveSymmetric(normal, target);
}

/** Turn the phases of the filters that are heard. @param turns radians, bin 1 first */
function turned(parameters: Parameters, turns: Float64Array): Parameters {
  const { shape, data } = parameters.get(SPECTRA[1]) as Tensor;
  const [rows, bins] = shape;
  const phases = data.slice();
  // the second loop only drives the first
  for (let row = 1; row < rows; row++) {
    turns.forEach((angle, k) => {
      phases[row * bins + k + 1] += angle;
    });
  }
  return new Map(parameters).set(SPECTRA[1], { shape, data: phases });
}
