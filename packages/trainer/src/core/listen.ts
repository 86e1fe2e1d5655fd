/**
 * Hears the loop that is being trained: it runs on its own output through the held-out stretches, and is compared
 * there with what the recording did. What plays is the WASM core, so what is chosen is what ships.
 *
 *   recording   |attack ........ [ held out ] ................ [ held out ] ....
 *   free run     ^ from the start, compared ->       ^ run-in, compared ->
 */
import { type Core, type ModelLayer, Resonator, type StringModel } from "@neural-string/core-wasm";
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

/** Plays the network that is being trained. */
export class Listener {
  readonly #resonator: Resonator;
  readonly #recordings: readonly Float32Array[];
  readonly #stretches: readonly Stretch[];
  readonly #model: StringModel;

  /**
   * Prepare to listen.
   * @param model the string as it will be exported; its parameters are replaced at every call of `hear`
   * @param stretches at least one
   */
  constructor(
    core: Core,
    model: StringModel,
    recordings: readonly Float32Array[],
    stretches: readonly Stretch[],
  ) {
    this.#resonator = new Resonator(core, model);
    this.#model = model;
    this.#recordings = recordings;
    this.#stretches = stretches;
  }

  /** Play the network with these parameters and compare. */
  hear(layers: readonly ModelLayer[]): Heard {
    this.#resonator.setLayers(layers);
    const { sampleRate, f0 } = this.#model;
    const errors = this.#stretches.map((stretch, i) => {
      const { recording, start, end } = stretch;
      const samples = this.#recordings[recording];
      const from = this.#runIn(stretch, this.#stretches[i - 1]);
      const render = new Float32Array(end - from);
      this.#resonator.excite(samples.subarray(0, from));
      this.#resonator.process(render);
      const compared = render.subarray(start - from);
      const error = closedLoopError(compared, samples.subarray(start, end), sampleRate, f0);
      return this.#resonator.brokenSamples > 0 ? { ...error, score: WORST_SCORE } : error;
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

  /** Where the free run through a stretch begins: before it, and not within the stretch before that. */
  #runIn({ recording, start }: Stretch, before: Stretch | undefined): number {
    const earliest = this.#resonator.wantedHistory;
    if (before === undefined || before.recording !== recording) return earliest;
    return Math.max(earliest, before.end, start - Math.round(RUN_IN_SECONDS * this.#model.sampleRate));
  }

  /** By how much the loop has decayed after ten seconds by itself (dB); very negative where it broke. */
  #longDecayDb({ recording, start }: Stretch): number {
    const { sampleRate } = this.#model;
    const render = new Float32Array(Math.round(LONG_SECONDS * sampleRate));
    this.#resonator.excite(this.#recordings[recording].subarray(0, start));
    this.#resonator.process(render);
    const energy = (from: number, to: number) => render.subarray(from, to).reduce((sum, x) => sum + x * x, 0);
    const first = energy(0, sampleRate);
    const last = energy(render.length - sampleRate, render.length);
    if (this.#resonator.brokenSamples > 0 || !Number.isFinite(first + last)) return -WORST_SCORE;
    return 10 * Math.log10((first + 1e-20) / (last + 1e-20));
  }
}
