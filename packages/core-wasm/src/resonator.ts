/**
 * A string that plays: a model bound to a core. Excite it with recorded samples, then ask it for sound, block by
 * block; what it renders does not depend on how the blocks are cut.
 */
import type { Core } from "./core.ts";
import type { Activation, ModelLayer, StringModel } from "./model-file.ts";

const ACTIVATION_CODES: Record<Activation, number> = { linear: 0, tanh: 1, relu: 2 };

// Samples handed over at a time: more than any audio callback asks for, little enough to stay in cache.
const OUT_FRAMES = 8192;

/** The energy guard's default: four times the energy of the loudest period that excited the string, 6 dB. */
export const GUARD_HEADROOM = 4;

export interface ExciteOptions {
  /** Ratio of energies the energy guard allows over the loudest period of the past; 0 switches it off. Default 0. */
  guardHeadroom?: number;
}

/** A playable string. Made off the audio thread; `process` and `set...` (but not the live ones) are safe on it. */
export class Resonator {
  readonly model: StringModel;
  /** Samples of the past the string wants: its longest delay. With a live feature it uses more where it gets them. */
  readonly wantedHistory: number;
  readonly #core: Core;
  readonly #handle: number;
  readonly #outAddress: number;
  readonly #pastAddress: number;
  readonly #keep: number;
  #out: Float32Array;

  /**
   * Bind a model to a core.
   * @throws RangeError when the engine has no memory left for it
   */
  constructor(core: Core, model: StringModel) {
    this.#core = core;
    this.model = model;
    this.wantedHistory = model.delays.reduce((a, b) => Math.max(a, b), 0);
    const period = Math.max(1, Math.round(model.sampleRate / model.f0));
    this.#keep = Math.max(this.wantedHistory, 2 * period, ...model.features.map((f) => 2 * f.window));
    const spec = Int32Array.from(
      model.layers.flatMap(({ units, activation }) => [units, ACTIVATION_CODES[activation]]),
    );
    const { exports } = core;
    this.#handle = exports.classicCreate(
      core.put(model.delays),
      model.delays.length,
      model.controls + model.features.length,
      core.put(spec),
      model.layers.length,
      this.#keep,
    );
    exports.classicCreateGuard(this.#handle, period);
    this.#pastAddress = core.allocate(4 * this.#keep);
    this.#outAddress = core.allocate(4 * OUT_FRAMES);
    this.setLayers(model.layers);
    this.#out = core.f32(this.#outAddress, OUT_FRAMES);
  }

  /** Replace the network's parameters, shapes unchanged: training plays its own network this way. */
  setLayers(layers: readonly ModelLayer[]): void {
    layers.forEach(({ weight, bias }, i) => {
      this.#core.temporarily(() => {
        this.#core.exports.classicSetLayer(
          this.#handle,
          i,
          this.#core.put(weight),
          bias ? this.#core.put(bias) : 0,
        );
      });
    });
  }

  /**
   * Put recorded samples behind the string; it goes on from where they end.
   * @param past the newest sample last, at least `wantedHistory` of them; more are used where something can use them
   * @throws RangeError when the past is shorter than the longest delay
   */
  excite(past: Float32Array, { guardHeadroom = 0 }: ExciteOptions = {}): void {
    if (past.length < this.wantedHistory) {
      throw new RangeError(
        `past: expected ${this.wantedHistory} samples or more (the longest delay), got ${past.length}`,
      );
    }
    const used = past.subarray(Math.max(0, past.length - this.#keep));
    this.#view(this.#pastAddress, used.length).set(used);
    this.#core.exports.classicExcite(this.#handle, this.#pastAddress, used.length, guardHeadroom);
  }

  /** Silence: the string at rest. Audio thread: allocates nothing. */
  reset(): void {
    this.#core.exports.classicExcite(this.#handle, this.#pastAddress, 0, 0);
  }

  /**
   * Render the next samples into a buffer of any length.
   * Audio thread: allocates nothing (unless the memory has grown since the last call).
   */
  process(out: Float32Array): void {
    // growing the memory detaches old views
    if (this.#out.length === 0) this.#out = this.#core.f32(this.#outAddress, OUT_FRAMES);
    const { exports } = this.#core;
    for (let done = 0; done < out.length; ) {
      const frames = Math.min(OUT_FRAMES, out.length - done);
      exports.classicRender(this.#handle, this.#outAddress, frames);
      if (frames === OUT_FRAMES) out.set(this.#out, done);
      else for (let i = 0; i < frames; i++) out[done + i] = this.#out[i];
      done += frames;
    }
  }

  /** Hold control `index` (0 .. model.controls - 1) at a value. Audio thread: allocates nothing. */
  setControl(index: number, value: number): void {
    this.#core.exports.classicSetExtra(this.#handle, index, value);
  }

  /** Hold feature `index` (in the model's order) at a value. Audio thread: allocates nothing. */
  setFeature(index: number, value: number): void {
    this.#core.exports.classicSetExtra(this.#handle, this.model.controls + index, value);
  }

  /**
   * Let the string's own sound drive feature `index`, smoothed with a half-life of one period.
   * @throws Error when the model does not know the feature's mean
   */
  setFeatureLive(index: number): void {
    const { kind, window, mean, scale } = this.model.features[index];
    if (mean === null) {
      throw new Error(
        `feature ${kind}: the model does not know its mean, so it cannot run live; give it a number instead`,
      );
    }
    const period = this.model.sampleRate / this.model.f0;
    this.#core.exports.classicSetDecayLive(
      this.#handle,
      this.model.controls + index,
      window,
      mean,
      scale,
      period,
    );
  }

  /** Samples, of the last excitation and since, that were not finite (or beyond 1e15) and became silence. */
  get brokenSamples(): number {
    return this.#core.exports.classicBroken(this.#handle);
  }

  /** What the energy guard did since the last excitation: blocks scaled, and the smallest gain (1 = never acted). */
  get guardReport(): { interventions: number; smallestGain: number } {
    const { exports } = this.#core;
    return {
      interventions: exports.classicGuardInterventions(this.#handle),
      smallestGain: exports.classicGuardSmallestGain(this.#handle),
    };
  }

  #view(address: number, length: number): Float32Array {
    return this.#core.f32(address, length);
  }
}
