/**
 * The tunings of one string in a core's memory, to be played by many voices; and which tuning and which pluck a note
 * gets.
 */
import type { Core } from "./core.ts";
import type { PassiveModel } from "./passive-model.ts";
import type { StringTuning } from "./passive-tuning.ts";
import { MOST_BEND_CENTS } from "./playing-limits.ts";

/** A tuning as it lies in memory. */
export interface PlacedTuning extends Omit<StringTuning, "loopTaps" | "excitations"> {
  /** f32 [1 + K, taps] */
  tapsAddress: number;
  /** f32 x length each */
  excitations: { address: number; length: number }[];
}

/** How much quieter a note of half the velocity is (dB). */
const DB_PER_HALVING = 12;

export class TuningBank {
  readonly #core: Core;
  readonly #model: PassiveModel;
  readonly #tunings: PlacedTuning[] = [];
  /** Level of the loudest excitation (dBFS). */
  readonly #loudest: number;

  constructor(core: Core, model: PassiveModel) {
    this.#core = core;
    this.#model = model;
    this.#loudest = Math.max(...model.excitations.map(({ level }) => level));
  }

  /** Hz, in the order they were added. */
  get pitches(): number[] {
    return this.#tunings.map(({ f0 }) => f0);
  }

  /** Take a tuning in, in place of one of the same pitch. Allocates: not while sound depends on it. */
  add({ loopTaps, excitations, ...sizes }: StringTuning): void {
    const same = this.#tunings.findIndex(({ f0 }) => f0 === sizes.f0);
    const before = same < 0 ? undefined : this.#tunings[same];
    const fits =
      before !== undefined &&
      before.taps === sizes.taps &&
      before.excitations.every(({ length }, i) => length === excitations[i].length);
    if (fits) {
      // nothing that sounds reads a bank's taps, and the plucks of one pitch are the same
      this.#core.f32(before.tapsAddress, loopTaps.length).set(loopTaps);
      for (const [i, { address, length }] of before.excitations.entries()) {
        this.#core.f32(address, length).set(excitations[i]);
      }
      this.#tunings[same] = { ...sizes, tapsAddress: before.tapsAddress, excitations: before.excitations };
      return;
    }
    const placed = {
      ...sizes,
      tapsAddress: this.#core.put(loopTaps),
      excitations: excitations.map((samples) => ({
        address: this.#core.put(samples),
        length: samples.length,
      })),
    };
    if (same < 0) this.#tunings.push(placed);
    else this.#tunings[same] = placed;
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
