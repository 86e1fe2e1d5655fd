/**
 * The tunings of one string in a core's memory, to be played by many voices; and which tuning and which pluck a note
 * gets.
 */
import type { Core } from "./core.ts";
import { longestExcitation } from "./excitations.ts";
import type { PassiveModel } from "./passive-model.ts";
import {
  fitsInto,
  isShape,
  SPARE,
  type StringTuning,
  type TunedShape,
  tunedShape,
} from "./passive-tuning.ts";
import { MOST_BEND_CENTS } from "./playing-limits.ts";

/** A pluck as it lies in memory, f32 x length both; coupled 0 = none. */
export interface PlacedPluck {
  address: number;
  coupled: number;
  length: number;
}

/** A tuning as it lies in memory. */
export interface PlacedTuning extends Omit<StringTuning, "loopTaps" | "excitations" | "coupled"> {
  /** f32 [1 + K, taps] */
  tapsAddress: number;
  excitations: PlacedPluck[];
}

/** Where a tuning's numbers lie. */
type Place = Pick<PlacedTuning, "tapsAddress" | "excitations">;

/** Copy a tuning into a core. @param place of one of the same sizes, which it takes; default: memory is allocated */
export function placeTuning(
  core: Core,
  { loopTaps, excitations, coupled, ...sizes }: StringTuning,
  place: Place = {
    tapsAddress: core.allocate(4 * loopTaps.length),
    excitations: excitations.map(({ length }, i) => ({
      address: core.allocate(4 * length),
      coupled: i in coupled ? core.allocate(4 * length) : 0,
      length,
    })),
  },
): PlacedTuning {
  core.f32(place.tapsAddress, loopTaps.length).set(loopTaps);
  for (const [i, { address, coupled: second, length }] of place.excitations.entries()) {
    core.f32(address, length).set(excitations[i]);
    if (second !== 0) core.f32(second, length).set(coupled[i]);
  }
  return { ...sizes, ...place };
}

/** A string is not played further below its own pitch than this many times: memory is reserved for the lowest. */
const MOST_BELOW = 64;

/** How much quieter a note of half the velocity is (dB). */
const DB_PER_HALVING = 12;

export class TuningBank {
  /** Hz */
  readonly sampleRate: number;
  /** Hz, the lowest pitch of any tuning. */
  readonly lowestF0: number;
  /** The most that any tuning's sizes may be; voices are made for it. */
  readonly longest: TunedShape;
  /** Samples of the longest pluck that any tuning may hold. */
  readonly longestPluck: number;
  readonly #core: Core;
  readonly #model: PassiveModel;
  readonly #tunings: PlacedTuning[] = [];
  /** Level of the loudest excitation (dBFS). */
  readonly #loudest: number;

  /** @throws RangeError for a sample rate or a pitch that no string has */
  constructor(core: Core, model: PassiveModel, sampleRate: number, lowestF0: number) {
    if (!(lowestF0 >= model.f0 / MOST_BELOW))
      throw new RangeError(`lowestF0: expected ${model.f0 / MOST_BELOW} Hz or more, got ${lowestF0}`);
    this.sampleRate = sampleRate;
    this.lowestF0 = lowestF0;
    const { period, taps, longestDelay, ...sizes } = tunedShape(model, { sampleRate, f0: lowestF0 });
    this.longest = {
      ...sizes,
      period: period + SPARE,
      taps: taps + SPARE,
      longestDelay: longestDelay + SPARE,
    };
    this.longestPluck = longestExcitation(model, { sampleRate, f0: sampleRate / this.longest.period });
    this.#core = core;
    this.#model = model;
    this.#loudest = Math.max(...model.excitations.map(({ level }) => level));
  }

  /** Hz, in the order they were added. */
  get pitches(): number[] {
    return this.#tunings.map(({ f0 }) => f0);
  }

  /**
   * Take a tuning in, in place of one of the same pitch. Allocates: not while sound depends on it.
   * @throws RangeError for one that does not fit
   */
  add(tuning: StringTuning): void {
    const { loopTaps, excitations, coupled, ...sizes } = tuning;
    const fits =
      sizes.sampleRate === this.sampleRate &&
      isShape(sizes) &&
      fitsInto(sizes, this.longest, 0) &&
      sizes.gain > 0 &&
      sizes.gain < 1 &&
      loopTaps.length === (1 + this.#model.filters) * sizes.taps &&
      loopTaps.every(Number.isFinite) &&
      excitations.length === this.#model.excitations.length &&
      excitations.every(({ length }) => length <= this.longestPluck) &&
      coupled.length === (this.#model.coupling.length > 0 ? excitations.length : 0) &&
      coupled.every((samples, i) => samples.length === excitations[i].length);
    if (!fits) {
      throw new RangeError(
        `tuning: expected one of this model at ${this.sampleRate} Hz and from ${this.lowestF0} Hz up, got one at ${sizes.sampleRate} Hz and ${sizes.f0} Hz`,
      );
    }
    const same = this.#tunings.findIndex(({ f0 }) => f0 === sizes.f0);
    const place = this.#placeOf(this.#tunings[same], loopTaps, excitations);
    const placed = placeTuning(this.#core, tuning, place);
    if (same < 0) this.#tunings.push(placed);
    else this.#tunings[same] = placed;
  }

  /**
   * The place of a tuning that another of its pitch and sizes may take: nothing that sounds reads a bank's taps, and the
   * plucks of one pitch are the same.
   */
  #placeOf(
    before: PlacedTuning | undefined,
    loopTaps: Float32Array,
    excitations: Float32Array[],
  ): Place | undefined {
    const fits =
      before !== undefined &&
      (1 + this.#model.filters) * before.taps === loopTaps.length &&
      before.excitations.every(({ length }, i) => length === excitations[i].length);
    return fits ? { tapsAddress: before.tapsAddress, excitations: before.excitations } : undefined;
  }

  /**
   * The tuning nearest to a pitch. Allocates nothing.
   * @throws RangeError where none is near enough to be bent there
   */
  nearest(f0: number): PlacedTuning {
    let best = this.#tunings[0];
    for (const tuning of this.#tunings) {
      if (Math.abs(Math.log2(tuning.f0 / f0)) < Math.abs(Math.log2(best.f0 / f0))) best = tuning;
    }
    if (best === undefined || !(1200 * Math.abs(Math.log2(best.f0 / f0)) <= MOST_BEND_CENTS)) {
      throw new RangeError(
        `f0: expected a pitch within ${MOST_BEND_CENTS} cents of a tuning (Voices.addTuning), got ${f0}`,
      );
    }
    return best;
  }

  /**
   * The model's excitation for a note: of those recorded nearest in pitch the one nearest in level.
   * @param velocity 0 .. 1; 1 is the loudest recording, half of it 12 dB less
   * @returns its index; `levelOf` says by what factor to play it. Allocates nothing.
   */
  layer(f0: number, velocity: number): number {
    const { excitations } = this.#model;
    let best = 0;
    for (let i = 1; i < excitations.length; i++) {
      const nearer = this.#distance(i, f0) - this.#distance(best, f0);
      // recordings of one note differ by some cents
      const same = Math.abs(nearer) < 0.05;
      if (same ? this.#off(i, velocity) < this.#off(best, velocity) : nearer < 0) best = i;
    }
    return best;
  }

  /** The factor on an excitation that gives it the level of a velocity. */
  levelOf(index: number, velocity: number): number {
    return 10 ** ((this.#wanted(velocity) - this.#model.excitations[index].level) / 20);
  }

  #wanted(velocity: number): number {
    return this.#loudest + DB_PER_HALVING * Math.log2(Math.max(1e-3, velocity));
  }

  /** dB from what a velocity asks for. */
  #off(index: number, velocity: number): number {
    return Math.abs(this.#model.excitations[index].level - this.#wanted(velocity));
  }

  /** Octaves. */
  #distance(index: number, f0: number): number {
    return Math.abs(Math.log2(this.#model.excitations[index].f0 / f0));
  }
}
