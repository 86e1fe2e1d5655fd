/**
 * What a passive string's parameters are before anything is learned: a linear string from linear prediction, and the
 * mixture that a linear string becomes once, spread along the glide of its pitch that was measured.
 */
import type { StageConfig } from "@neural-string/shared";
import { seededRandom } from "../random.ts";
import { type Glide, measureGlide } from "./glide.ts";
import type { Material } from "./material.ts";
import type { PassiveRecording, PassiveTrainingOptions } from "./options.ts";
import { withResidual } from "./residual.ts";
import { retunedStart, startSpectra } from "./start.ts";
import { wholePeriodOf } from "./tuning.ts";
import { expandParameters, filtersOf, type Parameters, startParameters } from "./variables.ts";

/** The beginnings of one training. */
export class Beginnings {
  /** How much sharper the recordings sound while loud; where the filters of a fresh mixture begin. */
  readonly glide: Glide;
  readonly #options: PassiveTrainingOptions;
  readonly #material: Material;

  constructor(options: PassiveTrainingOptions, material: Material) {
    this.#options = options;
    this.#material = material;
    this.glide = options.config.training.sequence.glide ? this.#measureGlide() : { cents: 0, level: 1 };
  }

  /** A linear string: spectra from linear prediction over the recordings whose tuning is nearest to the model's. */
  linear(): Parameters {
    const { facts, recordings, config } = this.#options;
    const cents = ({ tuning }: PassiveRecording) => Math.abs(Math.log2(tuning.f0 / facts.tuning.f0));
    const { tuning } = recordings.reduce((a, b) => (cents(b) < cents(a) ? b : a));
    const samples = recordings.flatMap((recording, i) =>
      recording.tuning === tuning ? [this.#material.learnedPart(i)] : [],
    );
    const random = seededRandom(config.training.seed, 0x57a7);
    const start = startSpectra(samples, tuning, facts.inharmonicity ?? 0, random);
    return startParameters(retunedStart(start, tuning, facts.tuning));
  }

  /** Parameters as a stage needs them: a linear string becomes a mixture once, and gets its residual if it is to. */
  forStage({ filters }: StageConfig, parameters: Parameters): Parameters {
    const { residual, config } = this.#options;
    if (filters === "linear") return parameters;
    const mixture = this.mixture(parameters);
    return residual ? withResidual(mixture, residual, seededRandom(config.training.seed, 0x4e5)) : mixture;
  }

  /** The mixture that the config asks for; parameters that are one, or are to stay linear, are given back. */
  mixture(parameters: Parameters): Parameters {
    const { config, facts } = this.#options;
    const { model, training } = config;
    if (model.filters === 1 || filtersOf(parameters) > 1) return parameters;
    return expandParameters(
      parameters,
      {
        filters: model.filters,
        hidden: model.hidden,
        inputs: 2 + facts.controls,
        hearsChange: model.hearsChange,
      },
      seededRandom(training.seed, 0x313),
      { ...this.glide, period: wholePeriodOf(facts.tuning) },
    );
  }

  #measureGlide(): Glide {
    const { facts, recordings } = this.#options;
    const learnedFrom = recordings.map(({ tuning: { f0, sampleRate } }, i) => {
      return { samples: this.#material.learnedPart(i), sampleRate, f0 };
    });
    return measureGlide(learnedFrom, facts.inharmonicity ?? 0);
  }
}
