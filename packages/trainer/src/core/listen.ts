/**
 * Hears the loop that is being trained: it runs on its own output from the held-out stretches' past, and is compared
 * with what the recording did. What plays is the WASM core, so what is chosen is what ships.
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
    const errors = this.#stretches.map(({ recording, start, end }) => {
      const samples = this.#recordings[recording];
      const render = new Float32Array(end - start);
      this.#resonator.excite(samples.subarray(0, start));
      this.#resonator.process(render);
      const error = closedLoopError(render, samples.subarray(start, end), sampleRate, f0);
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
