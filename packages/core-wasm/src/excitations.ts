/**
 * A model's excitations in a core's memory, stretched to the round trip the string has where it is tuned: what of them
 * undoes the filters at the pitch they were taken at would drive the string of another pitch. At another pitch they
 * also lose what swells more slowly than the string (assembly/resample.ts), which would stay as an offset.
 *
 * Each has two rooms, because a pluck that plays goes on with the samples it began with: what a new tuning asks for is
 * written where the latest pluck does not read. (Of several plucks at several tunings within an excitation's length only
 * the latest is sure of its samples.)
 *
 * In parallel loops each has a second stream, what the second loop hears of it through the model's coupling: made once,
 * as the model itself is tuned, then stretched like the first, which is as long.
 */
import type { Core } from "./core.ts";
import { loopFilters } from "./detune.ts";
import { addFir } from "./free-run.ts";
import type { Excitation, PassiveModel } from "./passive-model.ts";
import { SPARE, type StringTuning, type Tuning } from "./passive-tuning.ts";

// Recordings that lie closer were taken for the model's own note, at its own pitch; others at theirs.
const ONE_NOTE_CENTS = 40;

/** Periods that a swell lasts, of what is taken for one. */
const SWELL_PERIODS = 4;

/** Samples as the model has them, and rooms for them as they are played. */
interface Stream {
  samples: Float32Array;
  from: number;
  addresses: readonly number[];
}

/** Where an excitation and what is coupled of it (0 = nothing) lie, f32 x length. */
interface Placed {
  address: number;
  coupled: number;
  length: number;
}

interface Place {
  excitation: Excitation;
  /** The excitation; and what comes through the coupling, where there is one. Of one length. */
  streams: Stream[];
  /** As the tuning asks for it. */
  placed: Placed;
  /** Of the rooms, the one that it is in; and the one that the latest pluck reads. */
  room: number;
  read: number;
  most: number;
}

const ROOMS = [0, 1];

export class PlacedExcitations {
  readonly #model: PassiveModel;
  readonly #core: Core;
  readonly #places: Place[];

  /** Reserve memory for excitations as long as at a tuning, and no longer. */
  constructor(core: Core, model: PassiveModel, longest: Tuning) {
    this.#core = core;
    this.#model = model;
    this.#places = model.excitations.map((excitation) => {
      const all = streamsOf(model, excitation.samples);
      const most = mostAt(model, excitation, all[0].length, longest);
      const streams = all.map((samples) => ({
        samples,
        from: core.put(samples),
        addresses: ROOMS.map(() => core.allocate(4 * most)),
      }));
      const placed = { address: 0, coupled: 0, length: 0 };
      return { excitation, streams, placed, room: 0, read: -1, most };
    });
  }

  get count(): number {
    return this.#places.length;
  }

  /**
   * Where an excitation lies that is to be plucked now; undefined for one there is not.
   * Audio thread: allocates nothing.
   */
  pluck(index: number): Readonly<Placed> | undefined {
    const place = this.#places[index];
    if (place === undefined) return undefined;
    place.read = place.room;
    return place.placed;
  }

  /** What a tuning holds of them, copied out of the core. */
  get copies(): Pick<StringTuning, "excitations" | "coupled"> {
    const copy = (which: number) =>
      this.#places
        .filter(({ streams }) => which < streams.length)
        .map(({ streams, room, placed }) =>
          this.#core.f32(streams[which].addresses[room], placed.length).slice(),
        );
    return { excitations: copy(0), coupled: copy(1) };
  }

  /** Stretch all to a tuning. */
  place(tuning: Tuning): void {
    const { exports } = this.#core;
    for (const place of this.#places) {
      const own = place.streams[0].samples.length;
      const { ratio, stretched, swell } = stretch(this.#model, place.excitation, own, tuning);
      const length = ratio === 1 ? own : Math.min(stretched + swell, place.most);
      if (place.room === place.read) place.room = 1 - place.room;
      const [first, second] = place.streams.map(({ addresses }) => addresses[place.room]);
      place.placed = { address: first, coupled: second ?? 0, length };
      for (const { samples, from, addresses } of place.streams) {
        const address = addresses[place.room];
        const placed = this.#core.f32(address, length);
        if (ratio === 1) {
          placed.set(samples);
          continue;
        }
        placed.fill(0);
        exports.resample(from, own, ratio, address, length - swell);
        exports.removeSwell(address, length, swell);
      }
    }
  }
}

/** Samples of the longest of a model's excitations, or of what is coupled of it, at a tuning and at any higher one. */
export function longestExcitation(model: PassiveModel, longest: Tuning): number {
  const more = model.coupling.length > 0 ? loopFilters(model).longestDelay : 0;
  const lengths = model.excitations.map((excitation) =>
    mostAt(model, excitation, excitation.samples.length + more, longest),
  );
  return Math.max(...lengths);
}

/** Samples that an excitation needs at a tuning and at any higher one. */
function mostAt(model: PassiveModel, excitation: Excitation, length: number, longest: Tuning): number {
  const { stretched, swell } = stretch(model, excitation, length, longest);
  return Math.max(stretched, length) + swell + SPARE;
}

/** An excitation's new length over the old, what that comes to, and the longest swell it may hold (samples). */
function stretch(model: PassiveModel, excitation: Excitation, length: number, { sampleRate, f0 }: Tuning) {
  const cents = 1200 * Math.log2(excitation.f0 / model.f0);
  const own = Math.abs(cents) < ONE_NOTE_CENTS ? model.f0 : excitation.f0;
  // the round trip over that which the excitation was taken for
  const ratio = (sampleRate * own) / (model.sampleRate * f0);
  const stretched = Math.floor(length * ratio);
  const swell = Math.round((SWELL_PERIODS * sampleRate) / f0);
  return { ratio, stretched, swell };
}

/** An excitation, or, where there is a coupling c, e and c * e, both as long as c * e lasts: longestDelay samples more. */
export function streamsOf(model: PassiveModel, samples: Float32Array): Float32Array[] {
  const { near, longestDelay, coupling } = loopFilters(model);
  if (coupling.length === 0) return [samples];
  const length = samples.length + longestDelay;
  const first = new Float32Array(length);
  first.set(samples);
  const heard = new Float64Array(longestDelay + length);
  heard.set(samples, longestDelay);
  const coupled = new Float64Array(length);
  addFir(coupling, heard, longestDelay - near, -1, coupled, 0, length, 1);
  return [first, Float32Array.from(coupled)];
}
