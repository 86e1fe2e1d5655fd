/**
 * A model's excitations in a core's memory, stretched to the round trip the string has where it is tuned: what of them
 * undoes the filters at the pitch they were taken at would drive the string of another pitch. At another pitch they
 * also lose what swells more slowly than the string (assembly/resample.ts), which would stay as an offset.
 *
 * A pluck that plays goes on with the samples it began with: what a new tuning asks for is written into a room that none
 * reads. Two are reserved, others made where none is free; a string hears eight plucks at most (four of
 * them fade), so there are never more than nine.
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

/** Samples as the model has them. */
interface Stream {
  samples: Float32Array;
  from: number;
}

/** Where each of an excitation's streams may lie as it is played. */
type Room = readonly number[];

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
  rooms: Room[];
  most: number;
}

export class PlacedExcitations {
  readonly #model: PassiveModel;
  readonly #core: Core;
  readonly #handle: number;
  readonly #places: Place[];

  /**
   * Reserve memory for excitations as long as at a tuning, and no longer.
   * @param handle of the string that they pluck
   */
  constructor(core: Core, handle: number, model: PassiveModel, longest: Tuning) {
    this.#core = core;
    this.#handle = handle;
    this.#model = model;
    this.#places = model.excitations.map((excitation) => {
      const all = streamsOf(model, excitation.samples);
      const most = mostAt(model, excitation, all[0].length, longest);
      const streams = all.map((samples) => ({ samples, from: core.put(samples) }));
      const placed = { address: 0, coupled: 0, length: 0 };
      const rooms = [newRoom(core, streams.length, most), newRoom(core, streams.length, most)];
      return { excitation, streams, placed, rooms, most };
    });
  }

  get count(): number {
    return this.#places.length;
  }

  /**
   * Where an excitation lies that is to be plucked now; undefined for one there is not.
   * Audio thread: allocates nothing.
   */
  at(index: number): Readonly<Placed> | undefined {
    return this.#places[index]?.placed;
  }

  /** What a tuning holds of them, copied out of the core. */
  get copies(): Pick<StringTuning, "excitations" | "coupled"> {
    const copy = (which: "address" | "coupled") =>
      this.#places
        .filter(({ placed }) => placed[which] !== 0)
        .map(({ placed }) => this.#core.f32(placed[which], placed.length).slice());
    return { excitations: copy("address"), coupled: copy("coupled") };
  }

  /** Stretch all to a tuning. The memory may grow: plucks that still play keep their rooms. */
  place(tuning: Tuning): void {
    const { exports } = this.#core;
    for (const place of this.#places) {
      const own = place.streams[0].samples.length;
      const { ratio, stretched, swell } = stretch(this.#model, place.excitation, own, tuning);
      const length = ratio === 1 ? own : Math.min(stretched + swell, place.most);
      const room = this.#freeRoom(place);
      place.placed = { address: room[0], coupled: room[1] ?? 0, length };
      for (const [i, { samples, from }] of place.streams.entries()) {
        const address = room[i];
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

  /** One that no pluck reads. */
  #freeRoom({ rooms, streams, most }: Place): Room {
    const free = rooms.find((room) => this.#core.exports.passivePlucksLeft(this.#handle, room[0]) === 0);
    if (free !== undefined) return free;
    const added = newRoom(this.#core, streams.length, most);
    rooms.push(added);
    return added;
  }
}

/** Room for all streams of an excitation. */
function newRoom(core: Core, streams: number, most: number): Room {
  return Array.from({ length: streams }, () => core.allocate(4 * most));
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
