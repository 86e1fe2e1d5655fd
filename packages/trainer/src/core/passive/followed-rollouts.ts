/**
 * The rollouts of a passive string's training that are followed: the same stretches of the recordings at every
 * evaluation, half a second at most, each with a loss of its own. What is rolled out is the loops that learn; once they
 * have become parallel planes, which no gradient moves any more, there is nothing to follow.
 */
import type { StageConfig } from "@neural-string/shared";
import { FOLLOWED_ROLLOUTS, type FollowedFacts, followedColumns } from "../followed-examples.ts";
import type { Material } from "./material.ts";
import type { PassiveObjective } from "./objective.ts";
import type { PassiveTrainingOptions } from "./options.ts";
import type { RolloutExample, Rollouts, RolloutWeights } from "./rollouts.ts";
import type { Parameters } from "./variables.ts";

/** Longer ones would tell little more about a place, and cost more than the training between two evaluations. */
const SECONDS = 0.5;

/** Those of one training. */
export class FollowedRollouts {
  /** What is known of them; null where the config wants none. */
  readonly facts: FollowedFacts | null;
  readonly #material: Material;
  readonly #examples: readonly RolloutExample[];

  constructor({ config, recordings }: PassiveTrainingOptions, material: Material) {
    const longest = Math.max(...config.training.sequence.stages.map(({ seconds }) => seconds));
    const count = config.selection.lossExamples ?? FOLLOWED_ROLLOUTS;
    this.#material = material;
    this.#examples = material.followed(count, Math.min(SECONDS, longest));
    const places = this.#examples.map((example) => ({
      recording: example.source,
      sample: material.targetOf(example),
    }));
    const levelDb = (recording: number, sample: number) => {
      const { samples, tuning } = recordings[recording];
      const period = Math.round(tuning.sampleRate / tuning.f0);
      const past = samples.subarray(Math.max(0, sample - period), sample);
      return 10 * Math.log10(past.reduce((sum, x) => sum + x * x, 0) / past.length + 1e-18);
    };
    this.facts =
      places.length === 0
        ? null
        : {
            of: "rollouts",
            loss: "waveform, spectral and decay",
            window: Math.max(...this.#examples.map(({ count: samples }) => samples)),
            examples: followedColumns(
              places,
              levelDb,
              (recording, sample) => recordings[recording].samples[sample],
            ),
          };
  }

  /**
   * Roll them out.
   * @param stage whose rollouts and weights are given: a shorter one rolls out no more than it can
   * @returns [examples]; null where none are followed
   */
  losses(
    objective: PassiveObjective,
    parameters: Parameters,
    rollouts: Rollouts,
    weights: RolloutWeights,
    { seconds }: StageConfig,
  ): Promise<Float32Array> | null {
    if (this.#examples.length === 0) return null;
    const examples = this.#examples.map((example) => ({
      ...example,
      count: Math.min(example.count, this.#material.countFor(example.source, seconds)),
    }));
    return objective.lossesOf(parameters, rollouts, examples, weights).then((all) => Float32Array.from(all));
  }
}
