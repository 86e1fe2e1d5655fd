/**
 * Recognises the ways in which a string loop goes wrong and says which it was, with figures and likely causes.
 * Called by `evaluate` and the report through `verdicts.ts`. Every entry has a test
 * with a signal that shows it, and a clean decaying string shows none.
 */
import type { Metrics, ModelHeader } from "@neural-string/shared";
import { compare, LEVEL_SECONDS, lastSeconds, mean, offset, relativeDb, rms } from "./comparison.ts";
import { type GrowingPartial, growingPartial } from "./growth.ts";
import type { Signal } from "./stft.ts";

/** Stable name of a failure, for files and links. */
export type FailureId =
  | "not-finite"
  | "blows-up"
  | "first-partial-grows"
  | "high-partial-grows"
  | "settles-on-dc"
  | "limit-cycle"
  | "rings-forever"
  | "dies-too-fast";

/** One failure, seen. */
export interface NamedFailure {
  id: FailureId;
  /** As people say it. */
  name: string;
  /** One plain sentence with figures. */
  sentence: string;
  /** What may have led to it, likeliest first. */
  causes: readonly string[];
}

/** A loop louder than anything it was given by this much did not get it from beats (at most 6 dB) (dB). */
const BLOW_UP_DB = 12;
/** An offset beyond a hundredth of the start's level is DC whatever else sounds; from a thousandth if it dominates. */
const DC_ALWAYS = 1e-2;
const DC_DOMINANT = 1e-3;
/** Rings forever: the render falls by less than a third of the target's fall (ratio of T60s above 3; 1.4 is heard). */
const RING_SHARE = 1 / 3;
/** The target must fall by this much before its decay can be missed (dB). */
const TARGET_FALL_DB = 3;
/** Dies too fast: reaches the level in less than half the target's time (0.75 is heard) and ends 6 dB below it. */
const DIES_SHARE = 0.5;
const DIES_END_DB = 6;
/** Limit cycle: 20 dB down, the last third moves by at most 0.5 dB, where a string with T60 60 s still loses 1 dB/s. */
const CYCLE_FALL_DB = 20;
const CYCLE_DRIFT_DB = 0.5;

const NAMES: Record<FailureId, string> = {
  "not-finite": "not finite",
  "blows-up": "blows up",
  "first-partial-grows": "the first partial grows",
  "high-partial-grows": "a high partial grows",
  "settles-on-dc": "settles on DC",
  "limit-cycle": "limit cycle at small level",
  "rings-forever": "rings forever",
  "dies-too-fast": "dies too fast",
};

const SHORT_TAPS = "taps at t-1 and t-2 let the network cheat and build an unstable recursive filter";
const TEACHER_FORCED =
  "a teacher-forced loss says little about the closed loop: choose checkpoints by a closed-loop one";
/** Of a loop whose filter is any network. */
const CLASSIC_CAUSES: Record<FailureId, readonly string[]> = {
  "not-finite": [
    "the loop blew up first",
    "the training run diverged (learning rate) and stored broken weights",
  ],
  "blows-up": [SHORT_TAPS, "levels it never met in training: add stability recordings", TEACHER_FORCED],
  "first-partial-grows": [
    "the loop gain at f0 exceeds 1: a small error there weighs little in a one-step loss",
    "filters or gains that move with the level and are not passive by construction",
    "a decay feature fed back while rendering",
  ],
  "high-partial-grows": [
    SHORT_TAPS,
    "a filter that overshoots 1 between the frequencies it was constrained at",
    "a loss that fell by more hidden units at the price of the loop's gain up there",
  ],
  "settles-on-dc": [
    "biases give DC: train symmetrically or without them",
    "a loop gain near 1 at 0 Hz, where the recording has nothing to say",
  ],
  "limit-cycle": [
    "small signals are missing from the training data: use the whole decay, thin it by level",
    "losses relative to the target explode at its zero crossings",
    "biases keep the network awake",
  ],
  "rings-forever": [
    "the loop gain is too near 1: training saw only a crop of the decay",
    TEACHER_FORCED,
    "the network copies the sample one period ago, which a one-step loss hardly punishes",
  ],
  "dies-too-fast": [
    "a penalty on overshoot, weight decay or dropout shrinks the loop gain",
    "a T60 of 30 s at f0 needs a gain of 0.997 per trip, finer than a one-step loss resolves",
    TEACHER_FORCED,
  ],
};

const OTHER_PAST = "the past it was started from is another string's, or another pitch's: use --tune auto";
const TWO_LOOPS = "what the second loop held comes out later, within the certificate's growth bound";
const FEW_STEPS = "few steps: dampings begin as linear prediction hears them, and have not been learned yet";
/** Of a string that cannot gain energy: what is left is a wrong start, and wrong dampings. */
const PASSIVE_CAUSES: Record<FailureId, readonly string[]> = {
  "not-finite": ["the past it was started from is no number"],
  "blows-up": [OTHER_PAST, TWO_LOOPS],
  "first-partial-grows": [TWO_LOOPS, OTHER_PAST],
  "high-partial-grows": [TWO_LOOPS, OTHER_PAST],
  "settles-on-dc": [
    "an offset in the past, more than its start takes off",
    "a filter's gain at 0 Hz near the cap, where the recording has nothing to say",
  ],
  "limit-cycle": [
    "a frequency at the cap rings on below the sound: a smaller training.longestT60",
    FEW_STEPS,
  ],
  "rings-forever": [
    "a longer training.longestT60 than the string's lets its filters ring",
    "training saw only a crop of the decay",
    FEW_STEPS,
  ],
  "dies-too-fast": [
    FEW_STEPS,
    "the cap (training.longestT60) takes from partials that ring longer",
    "too few taps (model.taps) for dampings that differ from partial to partial",
  ],
};

const CAUSES = { classic: CLASSIC_CAUSES, passive: PASSIVE_CAUSES };

/**
 * Name the known failures a render shows, gravest first.
 * @param metrics of this pair, from `measureRender`: its seconds are looked at, its partials tell f0
 * @param render [samples] and
 * @param target [samples] from the same instant, as they were measured
 * @param sampleRate Hz
 * @param kind of the string, on which causes depend; a sound of unknown origin may have any loop
 * @returns empty for a sound string
 * @throws UserError as `measureRender` does
 */
export function namedFailures(
  metrics: Metrics,
  render: Signal,
  target: Signal,
  sampleRate: number,
  kind: ModelHeader["kind"] = "classic",
): NamedFailure[] {
  return seenFailures(metrics, render, target, sampleRate).map(({ id, sentence }) => {
    return { id, name: NAMES[id], sentence, causes: CAUSES[kind][id] };
  });
}

type SeenFailure = Pick<NamedFailure, "id" | "sentence">;

function seenFailures(metrics: Metrics, render: Signal, target: Signal, sampleRate: number): SeenFailure[] {
  const { x, y, startRms } = compare(render, target, sampleRate, Math.round(metrics.seconds * sampleRate));
  const broken = render.subarray(0, y.length).findIndex((v: number) => !Number.isFinite(v));
  if (broken >= 0) {
    const when = `${(broken / sampleRate).toFixed(3)} s (sample ${broken})`;
    return [failure("not-finite", `The render stops being a number at ${when}.`)];
  }
  const found: SeenFailure[] = [];
  const [target1, render1] = [levels(x, sampleRate, startRms), levels(y, sampleRate, startRms)];

  const rise = Math.max(...render1.total) - Math.max(...target1.total);
  if (rise > BLOW_UP_DB) {
    found.push(
      failure("blows-up", `The render gets ${rise.toFixed(1)} dB louder than the recording ever is.`),
    );
  }
  const growing = growingPartial(y, x, sampleRate, fundamental(metrics));
  if (growing !== null) found.push(growthFailure(growing));
  const dc = dcFailure(x, y, sampleRate, startRms);
  if (dc !== null) found.push(dc);
  if (rise > BLOW_UP_DB) return found;

  const decay =
    limitCycle(render1.alternating, target1.alternating) ??
    (growing === null ? ringsForever(render1.alternating, target1.alternating) : null) ??
    diesTooFast(render1.alternating, target1.alternating, metrics.seconds);
  if (decay !== null) found.push(decay);
  return found;
}

/** Levels over 0.2 s, every 0.05 s, in dB of the start: of the whole sound, and of what is left without its mean. */
function levels(z: Float64Array, sampleRate: number, reference: number) {
  const width = Math.floor(LEVEL_SECONDS * sampleRate);
  const total: number[] = [];
  const alternating: number[] = [];
  for (let start = 0; start + width <= z.length; start += width >> 2) {
    const stretch = z.subarray(start, start + width);
    const level = rms(stretch);
    total.push(relativeDb(level, reference));
    alternating.push(relativeDb(Math.sqrt(Math.max(0, level ** 2 - mean(stretch) ** 2)), reference));
  }
  return { total, alternating };
}

function fundamental(metrics: Metrics): number | null {
  const lowest = metrics.partials[0];
  return lowest === undefined ? null : lowest.frequency / lowest.partial;
}

function growthFailure({ frequency, partial, growthDb }: GrowingPartial): SeenFailure {
  const what = partial === null ? "A component" : `Partial ${partial}`;
  const id = partial === 1 ? "first-partial-grows" : "high-partial-grows";
  const where = `${frequency.toFixed(0)} Hz`;
  return failure(
    id,
    `${what} at ${where} grows by ${growthDb.toFixed(1)} dB from the first quarter to the last.`,
  );
}

function dcFailure(
  x: Float64Array,
  y: Float64Array,
  sampleRate: number,
  startRms: number,
): SeenFailure | null {
  const end = lastSeconds(y, 0.5, sampleRate);
  const shift = (offset(end) - offset(lastSeconds(x, 0.5, sampleRate))) / startRms;
  const dominates = Math.abs(offset(end)) > 0.5 * rms(end);
  if (Math.abs(shift) <= (dominates ? DC_DOMINANT : DC_ALWAYS)) return null;
  const share = `${(100 * Math.abs(shift)).toPrecision(2)} %`;
  return failure(
    "settles-on-dc",
    `At the end the render is offset by ${share} of the level the note started with.`,
  );
}

function limitCycle(render: number[], target: number[]): SeenFailure | null {
  const from = Math.floor((2 * render.length) / 3);
  const tail = render.slice(from);
  const end = render[render.length - 1];
  const drift = Math.max(...tail) - Math.min(...tail);
  const targetFalls = target[from] - target[target.length - 1] > 3 * CYCLE_DRIFT_DB;
  const stands = tail.length >= 4 && drift <= CYCLE_DRIFT_DB && end > -120;
  if (!stands || render[0] - end < CYCLE_FALL_DB || !(targetFalls || end > target[target.length - 1] + 6))
    return null;
  return failure(
    "limit-cycle",
    `The render stops decaying at ${end.toFixed(1)} dB and moves by only ${drift.toFixed(1)} dB in its last third.`,
  );
}

function ringsForever(render: number[], target: number[]): SeenFailure | null {
  const last = render.length - 1;
  const targetFall = target[0] - target[last];
  const fall = render[0] - render[last];
  if (targetFall < TARGET_FALL_DB || fall > RING_SHARE * targetFall || render[last] < target[last])
    return null;
  return failure(
    "rings-forever",
    `The render falls by ${fall.toFixed(1)} dB where the recording falls by ${targetFall.toFixed(1)} dB.`,
  );
}

function diesTooFast(render: number[], target: number[], seconds: number): SeenFailure | null {
  const last = render.length - 1;
  // a level the target reaches well before its end, above any noise it ends in
  const level = Math.max(-40, Math.min(-3, target[last] + 6));
  const reached = (curve: number[]) => curve.findLastIndex((l) => l > level) + 1;
  const [renderTime, targetTime] = [reached(render), reached(target)].map((i) => (i * seconds) / (last + 1));
  const ends = target[last] - render[last];
  if (renderTime >= DIES_SHARE * targetTime || ends < DIES_END_DB) return null;
  return failure(
    "dies-too-fast",
    `The render falls below ${level.toFixed(0)} dB after ${renderTime.toFixed(2)} s, ` +
      `the recording after ${targetTime.toFixed(2)} s.`,
  );
}

function failure(id: FailureId, sentence: string): SeenFailure {
  return { id, sentence };
}
