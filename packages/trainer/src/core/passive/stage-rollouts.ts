/**
 * The rollouts of a training stage: as long as the stage asks for, on every recording at its own tuning, with the losses'
 * frames, bands and noise. Made anew where a stage begins; threads and memory go with the old ones.
 */
import type { RolloutShape } from "@neural-string/core-wasm/rollout";
import type { StageConfig } from "@neural-string/shared";
import { frameSizes, spectralFloors } from "../rollout-floors.ts";
import { decayBands, decayNoise, type Material } from "./material.ts";
import type { PassiveTrainingOptions } from "./options.ts";
import { residualShape } from "./residual.ts";
import type { RolloutSource, Rollouts } from "./rollouts.ts";
import { nearestDelay, wholePeriodOf } from "./tuning.ts";
import { filtersOf, type Parameters } from "./variables.ts";

/** Makes rollouts for a stage: in this thread, or over workers. */
export type RolloutsFactory = (
  shapes: readonly RolloutShape[],
  sources: readonly RolloutSource[],
) => Promise<Rollouts>;

/** Keeps the rollouts of one stage at a time. `dispose` ends their threads. */
export class StageRollouts {
  readonly #options: PassiveTrainingOptions;
  readonly #material: Material;
  readonly #floors = new Map<string, Float32Array>();
  #rollouts: Rollouts | null = null;
  #stage: StageConfig | null = null;

  constructor(options: PassiveTrainingOptions, material: Material) {
    this.#options = options;
    this.#material = material;
  }

  /** Those of the stage that was prepared last. @throws Error before the first */
  get current(): Rollouts {
    if (this.#rollouts === null) throw new Error("rollouts: no stage has been prepared");
    return this.#rollouts;
  }

  /** Make a stage's rollouts. @param parameters what it begins with: their shape is the string's */
  async prepare(stage: StageConfig, parameters: Parameters): Promise<void> {
    if (this.#stage === stage) return;
    this.dispose();
    const { facts, recordings, config, createRollouts } = this.#options;
    const filters = filtersOf(parameters);
    const isMixture = filters > 1;
    const { sampleRate } = facts.tuning;
    const counts = recordings.map((_, i) => this.#material.countFor(i, stage.seconds));
    const sizes = frameSizes(sampleRate, Math.min(...counts));
    const distinct = [...new Set(recordings.map(({ tuning }) => tuning))];
    const shapes = distinct.map(
      (tuning): RolloutShape => ({
        taps: tuning.taps,
        near: nearestDelay(tuning),
        period: wholePeriodOf(tuning),
        filters,
        hop: isMixture ? config.model.hop : 0,
        hidden: isMixture ? config.model.hidden : 0,
        controls: isMixture ? facts.controls : 0,
        mostSamples: Math.max(...counts),
        frameSizes: sizes,
        decayBands: decayBands(sampleRate),
        residual: residualShape(parameters, tuning),
      }),
    );
    const sources = recordings.map(
      ({ samples, tuning, controls }, i): RolloutSource => ({
        samples: samples.subarray(0, this.#material.heldOut[i].start),
        floors: sizes.map((size) => this.#floor(i, size)),
        decayNoise: decayNoise(this.#material.noisePart(i), sampleRate, tuning.f0),
        controls: Float32Array.from(isMixture ? controls : []),
        shape: distinct.indexOf(tuning),
      }),
    );
    this.#rollouts = await createRollouts(shapes, sources);
    this.#stage = stage;
  }

  dispose(): void {
    this.#rollouts?.dispose();
    this.#rollouts = null;
    this.#stage = null;
  }

  #floor(recording: number, size: number): Float32Array {
    const key = `${recording} ${size}`;
    const { samples, tuning } = this.#options.recordings[recording];
    const floor =
      this.#floors.get(key) ??
      spectralFloors(
        samples,
        tuning.sampleRate,
        this.#material.heldOut.filter((stretch) => stretch.recording === recording),
        [size],
      )[0];
    this.#floors.set(key, floor);
    return floor;
  }
}
