/**
 * Hears the loop that is being trained: it runs on its own output through the held-out stretches, and is compared
 * there with what the recording did. What plays is the WASM core, so what is chosen is what ships.
 *
 *   recording   |attack ........ [ held out ] ................ [ held out ] ....
 *   free run     ^ from the start, compared ->       ^ run-in, compared ->
 */
import { type ClassicModel, type Core, type ModelLayer, Resonator } from "@neural-string/core-wasm";
import { closedLoopError, WORST_SCORE } from "../measure/closed-loop.ts";
import type { Stretch } from "./held-out.ts";

/** What was heard, averaged over the stretches. */
export interface Heard {
  /** What checkpoints are chosen by (dB, lower is better). */
  scoreDb: number;
  edrDb: number;
  edcDb: number;
  endLevelDb: number;
  dcEnd: number;
}

// How long the loop must go on by itself, and by how much it must have decayed by then: a real string loses far more
// than 1 dB in ten seconds, a loop that rings forever nothing.
const LONG_SECONDS = 10;
const LEAST_DECAY_DB = 1;

// A loop that is started in a stretch shows little of what it does there after a while: it starts this much earlier,
// and for the first stretch at the note's beginning, so that it has come through the loud attack on its own.
const RUN_IN_SECONDS = 2;

/** How a recording is heard where it is not of the model's own note. */
export interface HeardNote {
  /** Hz */
  f0: number;
  /** Where the taps lie (samples). */
  delays: Int32Array;
  /** Held while it is heard. */
  controls: readonly number[];
}

/** Plays the network that is being trained. */
export class Listener {
  /** Of each recording; those of one note share theirs. */
  readonly #resonators: readonly Resonator[];
  readonly #notes: readonly HeardNote[];
  readonly #recordings: readonly Float32Array[];
  readonly #stretches: readonly Stretch[];
  readonly #model: ClassicModel;

  /**
   * Prepare to listen.
   * @param model the string as it will be exported; its parameters are replaced at every call of `hear`
   * @param stretches at least one
   * @param notes of each recording
   */
  constructor(
    core: Core,
    model: ClassicModel,
    recordings: readonly Float32Array[],
    stretches: readonly Stretch[],
    notes: readonly HeardNote[],
  ) {
    const byPitch = new Map<number, Resonator>();
    for (const { f0, delays } of notes) {
      if (!byPitch.has(f0)) byPitch.set(f0, new Resonator(core, { ...model, f0, delays }));
    }
    this.#resonators = notes.map(({ f0 }) => byPitch.get(f0) as Resonator);
    this.#notes = notes;
    this.#model = model;
    this.#recordings = recordings;
    this.#stretches = stretches;
  }

  /** Play the network with these parameters and compare. */
  hear(layers: readonly ModelLayer[]): Heard {
    for (const resonator of new Set(this.#resonators)) resonator.setLayers(layers);
    const { sampleRate } = this.#model;
    const errors = this.#stretches.map((stretch, i) => {
      const { recording, start, end } = stretch;
      const samples = this.#recordings[recording];
      const from = this.#runIn(stretch, this.#stretches[i - 1]);
      const render = new Float32Array(end - from);
      const resonator = this.#excited(recording, from);
      resonator.process(render);
      const compared = render.subarray(start - from);
      const error = closedLoopError(
        compared,
        samples.subarray(start, end),
        sampleRate,
        this.#notes[recording].f0,
      );
      return resonator.brokenSamples > 0 ? { ...error, score: WORST_SCORE } : error;
    });
    const mean = (pick: (error: (typeof errors)[number]) => number) =>
      errors.reduce((sum, error) => sum + pick(error), 0) / errors.length;
    const stretch = this.#stretches[0];
    const ringing = Math.max(0, LEAST_DECAY_DB - this.#longDecayDb(stretch));
    return {
      scoreDb: Math.min(WORST_SCORE, mean((e) => e.score) + ringing),
      edrDb: mean((e) => e.edrDb),
      edcDb: mean((e) => e.edcDb),
      endLevelDb: mean((e) => e.endLevelDb),
      dcEnd: mean((e) => e.dcEnd),
    };
  }

  /** The string of a recording's note, with the recording's first samples behind it. */
  #excited(recording: number, from: number): Resonator {
    const resonator = this.#resonators[recording];
    this.#notes[recording].controls.forEach((value, i) => {
      resonator.setControl(i, value);
    });
    resonator.excite(this.#recordings[recording].subarray(0, from));
    return resonator;
  }

  /** Where the free run through a stretch begins: before it, and not within the stretch before that. */
  #runIn({ recording, start }: Stretch, before: Stretch | undefined): number {
    const earliest = this.#resonators[recording].wantedHistory;
    if (before === undefined || before.recording !== recording) return earliest;
    return Math.max(earliest, before.end, start - Math.round(RUN_IN_SECONDS * this.#model.sampleRate));
  }

  /** By how much the loop has decayed after ten seconds by itself (dB); very negative where it broke. */
  #longDecayDb({ recording, start }: Stretch): number {
    const { sampleRate } = this.#model;
    const render = new Float32Array(Math.round(LONG_SECONDS * sampleRate));
    const resonator = this.#excited(recording, start);
    resonator.process(render);
    const energy = (from: number, to: number) => render.subarray(from, to).reduce((sum, x) => sum + x * x, 0);
    const first = energy(0, sampleRate);
    const last = energy(render.length - sampleRate, render.length);
    if (resonator.brokenSamples > 0 || !Number.isFinite(first + last)) return -WORST_SCORE;
    return 10 * Math.log10((first + 1e-20) / (last + 1e-20));
  }
}
