/**
 * What a passive string is trained on: how much of each recording, which part is held out, where its noise lies, and
 * the examples of each step, drawn from the seed and the step alone so that a resumed run draws the same.
 */
import { type SequenceConfig, UserError } from "@neural-string/shared";
import { noiseFloor } from "../../measure/noise-floor.ts";
import { spread } from "../followed-examples.ts";
import { fewestHeard, type Stretch } from "../held-out.ts";
import { gainWithin, type Random, seededRandom } from "../random.ts";
import type { Beside, RolloutExample } from "./rollouts.ts";
import { furthestDelay, type Tuning } from "./tuning.ts";

/** Frame of the decay loss (samples); the kernel's own. */
const DECAY_FRAME = 2048;
const BANDS = 25;
const LOWEST_BAND_HZ = 60;
const HIGHEST_BAND_HZ = 16000;
/** A rollout this short teaches nothing (samples). */
const LEAST_ROLLOUT = 2500;
/** Places that followed rollouts are drawn from: far more than there are of them. */
const PLACES = 1e6;
/** Where noise is known only from a recording this much longer than what is compared; it is read over its last two (s). */
const NOISE_SECONDS = 2;

/** Bins that bound the bands of the decay loss: those of the judge, ascending. */
export function decayBands(sampleRate: number): Int32Array {
  const edges = [0];
  for (let i = 0; i < BANDS; i++) {
    const hz = LOWEST_BAND_HZ * (HIGHEST_BAND_HZ / LOWEST_BAND_HZ) ** (i / (BANDS - 1));
    const bin = Math.min(Math.ceil((hz * DECAY_FRAME) / sampleRate), DECAY_FRAME / 2 + 1);
    if (bin > edges[edges.length - 1]) edges.push(bin);
  }
  return Int32Array.from(edges);
}

/** A recording's noise energy per frame in each band: sums of |X|^2 of frames under a Hann window. */
export function decayNoise(samples: Float32Array, sampleRate: number, f0: number): Float32Array {
  const edges = decayBands(sampleRate);
  const power = noiseFloor(samples, sampleRate, f0, NOISE_SECONDS)(DECAY_FRAME);
  const scale = (DECAY_FRAME / 2) ** 2; // from magnitudes of amplitude 1/2 to plain sums
  return Float32Array.from({ length: edges.length - 1 }, (_, band) => {
    let sum = 0;
    for (let k = edges[band]; k < edges[band + 1]; k++) sum += scale * power[k];
    return sum;
  });
}

/** Where training ends in each recording, and the stretch after that on which the closed loop is heard. */
export class Material {
  readonly heldOut: Stretch[];
  readonly #recordings: readonly Float32Array[];
  readonly #tunings: readonly Tuning[];
  readonly #sequence: SequenceConfig;
  readonly #seed: number;

  /**
   * Divide recordings.
   * @param heldOutSeconds of each recording at most; a quarter of it at most
   * @throws UserError where one is too short
   */
  constructor(
    recordings: readonly Float32Array[],
    tunings: readonly Tuning[],
    sequence: SequenceConfig,
    heldOutSeconds: number,
    seed: number,
  ) {
    this.#recordings = recordings;
    this.#tunings = tunings;
    this.#sequence = sequence;
    this.#seed = seed;
    const longest = Math.max(...sequence.stages.map(({ seconds }) => seconds));
    this.heldOut = recordings.map((samples, recording) => {
      const { sampleRate } = tunings[recording];
      const wanted = (sequence.latestStart + longest + heldOutSeconds) * sampleRate;
      const end = Math.min(samples.length, Math.round(wanted) + 2 * furthestDelay(tunings[recording]));
      const fewest = fewestHeard(sampleRate);
      const size = Math.min(Math.max(fewest, Math.round(heldOutSeconds * sampleRate)), Math.floor(end / 4));
      const needed = 2 * furthestDelay(tunings[recording]) + LEAST_ROLLOUT;
      if (end - size <= needed || size < fewest) {
        const seconds = Math.max((needed * 4) / 3 + 1, 4 * fewest) / sampleRate;
        throw new UserError(
          `recording ${recording + 1}: expected at least ${(Math.ceil(100 * seconds) / 100).toFixed(2)} s of decay for a passive string at this pitch, got ${(samples.length / sampleRate).toFixed(2)} s; use a longer recording`,
        );
      }
      return { recording, start: end - size, end };
    });
  }

  /** Samples of a rollout of some seconds on a recording: fewer where it is short. */
  countFor(recording: number, seconds: number): number {
    const { sampleRate } = this.#tunings[recording];
    const room = this.heldOut[recording].start - 2 * furthestDelay(this.#tunings[recording]);
    return Math.min(Math.max(LEAST_ROLLOUT, Math.round(seconds * sampleRate)), room);
  }

  /** The part of a recording that is learned from: up to the held-out stretch. */
  learnedPart(recording: number): Float32Array {
    return this.#recordings[recording].subarray(0, this.heldOut[recording].start);
  }

  /**
   * The part of a recording at whose end its noise may be read: up to the held-out stretch, or all of it where enough
   * follows the stretch.
   */
  noisePart(recording: number): Float32Array {
    const samples = this.#recordings[recording];
    const { end } = this.heldOut[recording];
    const isFree = samples.length - end >= NOISE_SECONDS * this.#tunings[recording].sampleRate;
    return isFree ? samples : this.learnedPart(recording);
  }

  /** The examples of a step: every recording in turn, its beginning more often than its end. */
  examples(step: number, seconds: number, batchSize: number): RolloutExample[] {
    const random = seededRandom(this.#seed, step, 0x5e9);
    const { latestStart, startPower } = this.#sequence;
    return Array.from({ length: batchSize }, (_, i) => {
      const source = (step * batchSize + i) % this.#recordings.length;
      const tuning = this.#tunings[source];
      const count = this.countFor(source, seconds);
      const room = this.heldOut[source].start - 2 * furthestDelay(tuning) - count;
      const start = Math.floor(Math.min(room, latestStart * tuning.sampleRate) * random() ** startPower);
      const beside = this.#beside(source, start, count, random);
      return { source, start, count, ...(beside && { beside }) };
    });
  }

  /**
   * Rollouts to be followed through the training: every recording's share of them, spread over the places where a step's
   * examples begin, as densely; nothing sounds along.
   * @param seconds of each, at most
   */
  followed(count: number, seconds: number): RolloutExample[] {
    const { latestStart, startPower } = this.#sequence;
    const { length } = this.#recordings;
    return this.#recordings.flatMap((_, source) => {
      const own = Math.floor(((source + 1) * count) / length) - Math.floor((source * count) / length);
      const tuning = this.#tunings[source];
      const samples = this.countFor(source, seconds);
      const free = this.heldOut[source].start - 2 * furthestDelay(tuning) - samples;
      const room = Math.min(free, latestStart * tuning.sampleRate);
      const starts = spread(PLACES, own, this.#seed, source).map((place) =>
        Math.floor(room * (place / PLACES) ** startPower),
      );
      // in a recording that is hardly longer than a rollout there are not so many
      return [...new Set(starts)].map((start) => ({ source, start, count: samples }));
    });
  }

  /** Where an example's target begins in its recording (samples). */
  targetOf({ source, start }: Pick<RolloutExample, "source" | "start">): number {
    return start + 2 * furthestDelay(this.#tunings[source]);
  }

  /** Perhaps another stretch of nearly the same age, of this recording or another of the note, to sound along. */
  #beside(source: number, start: number, count: number, random: Random): Beside | undefined {
    const { blend, blendSeconds, levelDb } = this.#sequence;
    const draws = [random(), random(), random(), random(), random()];
    if (blend === 0 && levelDb === 0) return undefined;
    const tuning = this.#tunings[source];
    const gain = gainWithin(levelDb, draws[4]);
    if (draws[0] >= blend) return { source, start, share: 0, gain };
    const alike = this.#recordings.flatMap((_, i) => (this.#tunings[i] === tuning ? i : []));
    const other = alike[Math.floor(draws[1] * alike.length)];
    const latest = this.heldOut[other].start - 2 * furthestDelay(tuning) - count;
    const shifted = start + Math.round((draws[2] - 0.5) * blendSeconds * tuning.sampleRate);
    if (latest < 0) return { source, start, share: 0, gain };
    return { source: other, start: Math.min(latest, Math.max(0, shifted)), share: 2 * draws[3] - 1, gain };
  }
}
