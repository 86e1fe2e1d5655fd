/** Plays a classic string: a delay line closed over an MLP (assembly/classic-string.ts). */
import type { Core } from "./core.ts";
import { isKnown, known } from "./known-numbers.ts";
import { type Activation, type ClassicModel, FEATURE_KINDS, type ModelLayer } from "./model-file.ts";
import type { StringVoice } from "./string-voice.ts";

const ACTIVATION_CODES: Record<Activation, number> = { linear: 0, tanh: 1, relu: 2 };

/** An infinite weight would only drive its tanh to the end, and nobody would know. */
function knownWeights(weights: Float32Array): Float32Array {
  return weights.every(isKnown) ? weights : weights.map(known);
}

export class ClassicVoice implements StringVoice {
  readonly wantedHistory: number;
  readonly leastHistory: number;
  readonly #model: ClassicModel;
  readonly #core: Core;
  readonly #handle: number;
  readonly #pastAddress: number;
  readonly #keep: number;
  readonly #controlsAddress: number;
  #controls: Float32Array;

  constructor(core: Core, model: ClassicModel) {
    this.#core = core;
    this.#model = model;
    this.wantedHistory = model.delays.reduce((a, b) => Math.max(a, b), 0);
    this.leastHistory = this.wantedHistory;
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
    this.#controlsAddress = exports.classicExtras(this.#handle) >>> 0;
    this.#controls = core.f32(this.#controlsAddress, model.controls);
    exports.classicCreateGuard(this.#handle, period);
    this.#pastAddress = core.allocate(4 * this.#keep);
    this.setLayers(model.layers);
  }

  setLayers(layers: readonly ModelLayer[]): void {
    layers.forEach(({ weight, bias }, i) => {
      this.#core.temporarily(() => {
        this.#core.exports.classicSetLayer(
          this.#handle,
          i,
          this.#core.put(knownWeights(weight)),
          bias ? this.#core.put(knownWeights(bias)) : 0,
        );
      });
    });
  }

  withoutOffset(past: Float32Array): Float32Array {
    return past;
  }

  excite(past: Float32Array, guardHeadroom: number): void {
    const used = past.subarray(Math.max(0, past.length - this.#keep));
    this.#core.f32(this.#pastAddress, used.length).set(used);
    this.#core.exports.classicExcite(this.#handle, this.#pastAddress, used.length, guardHeadroom);
  }

  reset(): void {
    this.#core.exports.classicExcite(this.#handle, this.#pastAddress, 0, 0);
  }

  render(address: number, frames: number): void {
    this.#core.exports.classicRender(this.#handle, address, frames);
  }

  get controls(): Float32Array {
    // growing the memory detaches old views
    if (this.#controls.length < this.#model.controls) {
      this.#controls = this.#core.f32(this.#controlsAddress, this.#model.controls);
    }
    return this.#controls;
  }

  setFeature(index: number, value: number): void {
    this.#feature(index);
    this.#core.exports.classicSetExtra(this.#handle, this.#model.controls + index, value);
  }

  setFeatureLive(index: number): void {
    const { kind, window, mean, scale } = this.#feature(index);
    if (mean === null) {
      throw new Error(
        `feature ${kind}: the model does not know its mean, so it cannot run live; give it a number instead`,
      );
    }
    const period = this.#model.sampleRate / this.#model.f0;
    this.#core.exports.classicSetDecayLive(
      this.#handle,
      this.#model.controls + index,
      window,
      mean,
      scale,
      period,
      FEATURE_KINDS.indexOf(kind),
    );
  }

  /** One that does not exist would be written beside the others. */
  #feature(index: number): ClassicModel["features"][number] {
    const { features } = this.#model;
    if (Number.isInteger(index) && index >= 0 && index < features.length) return features[index];
    throw new RangeError(
      `feature: expected one of the model's ${features.length}, counted from 0, got ${index}`,
    );
  }

  get brokenSamples(): number {
    return this.#core.exports.classicBroken(this.#handle);
  }

  get guardInterventions(): number {
    return this.#core.exports.classicGuardInterventions(this.#handle);
  }

  get guardReport(): { interventions: number; smallestGain: number } {
    const { exports } = this.#core;
    return {
      interventions: this.guardInterventions,
      smallestGain: exports.classicGuardSmallestGain(this.#handle),
    };
  }
}
