/**
 * What a passive string's parameters are before anything is learned: a linear string from linear prediction, and the
 * mixture that a linear string becomes once, spread along the glide of its pitch that was measured. A model of several
 * notes is a mixture from the start, with a filter per note (anchors.ts).
 */
import type { StageConfig } from "@neural-string/shared";
import { median } from "../../measure/decay-time.ts";
import { seededRandom } from "../random.ts";
import { type Anchor, anchoredParameters, anchorsOf, notesOf, stepsBetween } from "./anchors.ts";
import { type Glide, inputOf, measureGlide } from "./glide.ts";
import type { Material } from "./material.ts";
import type { PassiveRecording, PassiveTrainingOptions } from "./options.ts";
import { withResidual } from "./residual.ts";
import { retunedStart, type Start, startSpectra } from "./start.ts";
import { wholePeriodOf } from "./tuning.ts";
import { expandParameters, filtersOf, type Parameters, startParameters } from "./variables.ts";

/** Recordings tuned alike to within this predict with one period (cents); the others of a note do not help with its start. */
const ALIKE_CENTS = 5;

/** The beginnings of one training. */
export class Beginnings {
  /** How much sharper the recordings sound while loud; where the filters of a fresh mixture begin. */
  readonly glide: Glide;
  /** The recordings of each note, from the lowest: indices. */
  readonly notes: number[][];
  /** Hidden units that a mixture needs to tell its notes apart from the start; 0 where there are none to be told apart. */
  readonly hiddenForNotes: number;
  /** Whether filters begin as notes: there are several, and the network is large enough to tell them apart. */
  readonly isAnchored: boolean;
  readonly #options: PassiveTrainingOptions;
  readonly #material: Material;

  constructor(options: PassiveTrainingOptions, material: Material) {
    this.#options = options;
    this.#material = material;
    this.notes = notesOf(options.recordings.map((_, i) => 1200 * this.#octaves(i)));
    const { filters, hidden, pitchControl } = options.config.model;
    const hasSeveral = pitchControl && filters > 1 && this.notes.length > 1;
    this.hiddenForNotes = hasSeveral ? stepsBetween(this.#anchors()) : 0;
    this.isAnchored = hasSeveral && hidden >= this.hiddenForNotes;
    this.glide =
      options.config.training.sequence.glide && !this.isAnchored
        ? this.#measureGlide()
        : { cents: 0, level: 1 };
  }

  /** What training begins with. */
  first(): Parameters {
    return this.isAnchored ? this.#anchored() : this.#linear();
  }

  /** Spectra from linear prediction over the recordings whose tuning is nearest to the model's. */
  #linear(): Parameters {
    const { facts, recordings } = this.#options;
    const cents = ({ tuning }: PassiveRecording) => Math.abs(Math.log2(tuning.f0 / facts.tuning.f0));
    const { tuning } = recordings.reduce((a, b) => (cents(b) < cents(a) ? b : a));
    const nearest = recordings.flatMap((recording, i) => (recording.tuning === tuning ? [i] : []));
    return startParameters(this.#startFrom(nearest, facts.inharmonicity));
  }

  /** A mixture with a filter per note, or several. */
  #anchored(): Parameters {
    const { facts, config } = this.#options;
    const { filters, hidden } = config.model;
    const anchors = this.#anchors();
    const starts = this.notes.map((note) => this.#startFrom(note, this.#stiffnessOf(note)));
    return anchoredParameters(
      anchors,
      anchors.map(({ note }) => starts[note]),
      inputOf(this.#loudest()),
      { filters, hidden, inputs: 2 + facts.controls },
      seededRandom(config.training.seed, 0x313),
    );
  }

  #anchors(): Anchor[] {
    const octaves = this.notes.map(([first]) => this.#octaves(first));
    return anchorsOf(octaves, this.#options.config.model.filters);
  }

  /** The loudest mean square of a period, of all recordings. */
  #loudest(): number {
    const { recordings } = this.#options;
    return Math.max(
      ...recordings.map(({ tuning }, i) =>
        loudestPeriod(this.#material.learnedPart(i), wholePeriodOf(tuning)),
      ),
    );
  }

  /** B of a note's own string, else the model's. */
  #stiffnessOf(note: readonly number[]): number | undefined {
    const known = note.flatMap((i) => this.#options.recordings[i].inharmonicity ?? []);
    return known.length > 0 ? median(known) : this.#options.facts.inharmonicity;
  }

  #octaves(recording: number): number {
    const { facts, recordings } = this.#options;
    return Math.log2(recordings[recording].f0 / facts.tuning.f0);
  }

  /** The start that recordings of one note make, at the model's tuning. @param recordings indices */
  #startFrom(recordings: readonly number[], B = 0): Start {
    const { facts, config } = this.#options;
    const { tuning } = this.#options.recordings[recordings[(recordings.length - 1) >> 1]];
    const random = seededRandom(config.training.seed, 0x57a7);
    const samples = recordings
      .filter((i) => Math.abs(1200 * Math.log2(this.#options.recordings[i].f0 / tuning.f0)) < ALIKE_CENTS)
      .map((i) => this.#material.learnedPart(i));
    return retunedStart(startSpectra(samples, tuning, B, random, facts.cap), tuning, facts.tuning);
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

/** The largest mean square of a stretch's periods. @param period samples */
function loudestPeriod(samples: Float32Array, period: number): number {
  let loudest = 0;
  for (let from = 0; from + period <= samples.length; from += period) {
    loudest = Math.max(
      loudest,
      samples.subarray(from, from + period).reduce((sum, x) => sum + x * x, 0) / period,
    );
  }
  return loudest;
}
