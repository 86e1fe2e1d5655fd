/**
 * A model's excitations in a core's memory, stretched to the round trip the string has where it is tuned: what of them
 * undoes the filters at the pitch they were taken at would drive the string of another pitch. At another pitch they
 * also lose what swells more slowly than the string (assembly/resample.ts), which would stay as an offset.
 */
import type { Core } from "./core.ts";
import type { Excitation, PassiveModel } from "./passive-model.ts";
import type { Tuning } from "./passive-tuning.ts";

// Recordings that lie closer were taken for the model's own note, at its own pitch; others at theirs.
const ONE_NOTE_CENTS = 40;

/** Periods that a swell lasts, of what is taken for one. */
const SWELL_PERIODS = 4;

// rounding may lengthen an excitation by a few samples more than its pitch says
const SPARE = 8;

export class PlacedExcitations {
  readonly #model: PassiveModel;
  readonly #core: Core;
  readonly #places: { from: number; address: number; length: number; most: number }[];

  /** Reserve memory for excitations as long as at a tuning, and no longer. */
  constructor(core: Core, model: PassiveModel, longest: Tuning) {
    this.#core = core;
    this.#model = model;
    this.#places = model.excitations.map((excitation) => {
      const { stretched, swell } = this.#stretch(excitation, longest);
      const most = Math.max(stretched, excitation.samples.length) + swell + SPARE;
      return { from: core.put(excitation.samples), address: core.allocate(4 * most), length: 0, most };
    });
  }

  get count(): number {
    return this.#places.length;
  }

  /** Where an excitation lies and how long it is, f32; undefined for one that the model does not have. */
  at(index: number): { address: number; length: number } | undefined {
    return this.#places[index];
  }

  /** Stretch all to a tuning. */
  place(tuning: Tuning): void {
    const { exports } = this.#core;
    this.#model.excitations.forEach((excitation, i) => {
      const place = this.#places[i];
      const { ratio, stretched, swell } = this.#stretch(excitation, tuning);
      if (ratio === 1) {
        place.length = excitation.samples.length;
        this.#core.f32(place.address, place.length).set(excitation.samples);
        return;
      }
      place.length = Math.min(stretched + swell, place.most);
      this.#core.f32(place.address, place.length).fill(0);
      exports.resample(place.from, excitation.samples.length, ratio, place.address, place.length - swell);
      exports.removeSwell(place.address, place.length, swell);
    });
  }

  /** An excitation's new length over the old, what that comes to, and the longest swell it may hold (samples). */
  #stretch(excitation: Excitation, { sampleRate, f0 }: Tuning) {
    const model = this.#model;
    const cents = 1200 * Math.log2(excitation.f0 / model.f0);
    const own = Math.abs(cents) < ONE_NOTE_CENTS ? model.f0 : excitation.f0;
    // the round trip over that which the excitation was taken for
    const ratio = (sampleRate * own) / (model.sampleRate * f0);
    const stretched = Math.floor(excitation.samples.length * ratio);
    const swell = Math.round((SWELL_PERIODS * sampleRate) / f0);
    return { ratio, stretched, swell };
  }
}
