/**
 * The training of a passive string, prepared from its recordings and a config: its sizes, every recording at its own
 * tuning, and what the parameters are exported as. Free of node: `pnpm train` and a page's worker prepare alike, and bring
 * the threads, the files and the clock.
 */
import type { Core } from "@neural-string/core-wasm";
import {
  aheadRange,
  type ModelFile,
  type PassiveTrainConfig,
  type TrainConfig,
  UserError,
} from "@neural-string/shared";
import { median } from "../../measure/decay-time.ts";
import { ONE_NOTE_CENTS } from "../controls.ts";
import type { TrainingState } from "../training.ts";
import { atRecordedPitch, passiveFile, type StringFacts, withExcitations } from "./export.ts";
import { playedBy } from "./listen.ts";
import { partialsInTune } from "./partials-in-tune.ts";
import { hasPlanes } from "./planes/parameters.ts";
import type { PlaneWorkFactory } from "./planes/setup.ts";
import type { ResidualPlayer, ResidualSize } from "./residual.ts";
import { FADE } from "./spectral-form.ts";
import type { RolloutsFactory } from "./stage-rollouts.ts";
import { type PassiveRecording, PassiveTraining } from "./train.ts";
import { furthestDelay, retuned, type Tuning, wholePeriodOf } from "./tuning.ts";
import type { Parameters } from "./variables.ts";

/** A recording of one note, as it is to be learned from. */
export interface LearnedNote {
  name: string;
  /** From the onset on, at the rate that all of them have. */
  samples: Float32Array;
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** B, where it could be told. */
  inharmonicity?: number;
}

export interface PassiveRequest {
  config: PassiveTrainConfig;
  /** Of the model. */
  name: string;
  /** Hz, of the string. */
  f0: number;
  core: Core;
  notes: readonly LearnedNote[];
  createRollouts: RolloutsFactory;
  createPlaneWork: PlaneWorkFactory;
  /** Where to go on. */
  resume?: TrainingState;
  /** Parameters to start from, once the string's sizes are known. */
  warmStart?: (facts: StringFacts) => Parameters;
  /** The ablation's: a network beside the loops, and how a string that has it is played. */
  residual?: ResidualSize & { player: ResidualPlayer };
}

/** A passive string that is ready to be trained. */
export interface PreparedPassive {
  readonly training: PassiveTraining;
  readonly facts: StringFacts;
  /** Samples that the string wants of a recording to go on from, and the fewest that will do. */
  readonly wantedHistory: number;
  readonly leastHistory: number;
  /** What it will do in so many steps, for people. */
  summary(steps: number): string;
  /** Turn a time budget into steps. @param now milliseconds */
  stepsFor(minutes: number, now: () => number): Promise<number>;
  /** The model file's content that some parameters make, without provenance. */
  exported(parameters: Parameters): ModelFile;
}

/** The pitch (Hz) of a string by its recordings: the stated one, else the median of theirs. */
export function pitchOf({ data }: TrainConfig, notes: readonly { f0: number }[]): number {
  return data.f0 ?? median(notes.map(({ f0 }) => f0));
}

/** Prepare. @throws UserError for what cannot be trained */
export function preparePassiveTraining(request: PassiveRequest): PreparedPassive {
  const { config, f0, core, notes, residual, warmStart } = request;
  const facts = stringFacts(request);
  const recordings = notes.map((note): PassiveRecording => {
    const cents = 1200 * Math.log2(note.f0 / f0);
    const isSame = Math.abs(cents) < ONE_NOTE_CENTS;
    return {
      samples: note.samples,
      f0: isSame ? f0 : note.f0,
      controls: config.model.pitchControl ? [isSame ? 0 : cents / 1200] : [],
      tuning: isSame ? facts.tuning : retuned(facts.tuning, note.f0),
      inharmonicity: note.inharmonicity,
    };
  });
  const atOwnPitch = recordings.filter(({ tuning }) => tuning === facts.tuning).map(({ samples }) => samples);
  if (atOwnPitch.length < recordings.length && !(config.model.pitchControl && config.model.filters > 1)) {
    const heard = notes.map((note) => `${note.name} ${note.f0.toFixed(2)} Hz`);
    throw new UserError(
      `recordings: expected one note, got ${heard.join(", ")}; leave out those of another, or set model.pitchControl=true for one model of several notes, and model.filters to two a note (from 2 to 8)`,
    );
  }
  const { createRollouts, createPlaneWork, resume } = request;
  const training = new PassiveTraining({
    config,
    facts,
    core,
    recordings,
    createRollouts,
    createPlaneWork,
    resume,
    warmStart: warmStart?.(facts),
    residual: residual && { ...residual, reach: Math.min(residual.reach, reachOf(facts.tuning)) },
  });
  return {
    training,
    facts,
    wantedHistory: 2 * furthestDelay(facts.tuning),
    leastHistory: furthestDelay(facts.tuning),
    summary: (steps) => {
      const { taps } = facts.tuning;
      const { cents } = training.glide;
      const glide = cents > 0 ? ` along a glide of ${cents.toFixed(1)} cents` : "";
      const { hidden } = config.model;
      const missing = training.hiddenMissing;
      const begun =
        missing > 0
          ? `, begun as one since ${hidden} hidden units tell too few apart (${hidden + missing} would do)`
          : "";
      const forNotes = training.notes > 1 ? ` for ${training.notes} notes${begun}` : "";
      const loop =
        config.model.filters === 1 ? "linear" : `${config.model.filters} filters${forNotes}${glide}`;
      return `passive, ${taps} taps around ${wholePeriodOf(facts.tuning)} samples, ${loop}, ${steps} steps in ${config.training.sequence.stages.length} stages`;
    },
    stepsFor: async (minutes, now) => {
      const { stepMs, evaluationMs } = await training.measureSpeed(now);
      const { evaluations } = config.selection;
      const { length } = config.training.sequence.stages;
      // the beginning and every stage's end are heard as well
      const budget = 60_000 * minutes - evaluationMs * (evaluations + length + 1);
      const roundMs = await training.measureRound(now);
      // as many steps as leave time for the rounds that follow them
      let steps = Math.floor(budget / stepMs);
      while (steps > evaluations && steps * stepMs + training.rounds(steps) * roundMs > budget) steps--;
      return Math.max(evaluations, steps);
    },
    exported: (parameters) => {
      const play = residual ? residual.player.play(parameters) : playedBy(core);
      const plucked = recordings.map(({ samples, f0, controls }, i) => ({
        name: notes[i].name,
        samples,
        f0,
        controls,
      }));
      const inTune =
        facts.controls > 0 || hasPlanes(parameters)
          ? parameters
          : partialsInTune(parameters, facts, play, atOwnPitch);
      const atPitch = atRecordedPitch(play, passiveFile(inTune, facts), atOwnPitch);
      return withExcitations(core, atPitch, plucked, config.model.excitationSeconds);
    },
  };
}

function stringFacts({ config, name, f0, notes }: PassiveRequest): StringFacts {
  const { model, training } = config;
  const tuning = chooseTuning(config, notes[0].sampleRate, f0);
  const longestT60 = training.longestT60 ?? Number.POSITIVE_INFINITY;
  return {
    name,
    tuning,
    hop: model.hop,
    controls: model.pitchControl ? 1 : 0,
    pitchControl: model.pitchControl,
    cap: Math.min(MOST_GAIN, 10 ** (-3 / (longestT60 * f0))),
    inharmonicity: knownInharmonicity(notes),
  };
}

/** No cap lies above this: a gain of 1 would be no guarantee. */
const MOST_GAIN = 0.9999;

/** Fewer taps than this are all fade: nothing is left for the string where it is tuned. */
const LEAST_TAPS = 64;
/** Shorter periods have no room for a filter (samples); the player's own limit. */
const LEAST_PERIOD = 8;

/** How many taps, and how many of them ahead of the period. @throws UserError where they do not fit the period */
function chooseTuning({ model }: PassiveTrainConfig, sampleRate: number, f0: number): Tuning {
  const period = Math.round(sampleRate / f0);
  if (f0 * LEAST_PERIOD > sampleRate) {
    throw new UserError(
      `f0: expected at most an eighth of the sample rate (${sampleRate / LEAST_PERIOD} Hz) for a passive string, got ${f0.toFixed(2)} Hz; use a higher data.sampleRate or a classic string`,
    );
  }
  const half = 2 ** Math.round(Math.log2(period / 2));
  const taps = model.taps ?? Math.min(1024, Math.max(LEAST_TAPS, half));
  const ahead = model.ahead ?? Math.min(Math.round(0.742 * taps), Math.floor(0.75 * period));
  const { least, most } = aheadRange({ taps, period }, "training");
  if (ahead < least || ahead > most) {
    const [limit, remedy] =
      taps <= period
        ? ["model.taps", "change it or give more taps"]
        : [
            `the period of ${period} samples at f0 ${f0.toFixed(2)} Hz and ${sampleRate} Hz`,
            "make it smaller",
          ];
    throw new UserError(
      `model.ahead: expected from ${least} to ${most}, two less than ${limit}, got ${ahead}; ${remedy}`,
    );
  }
  const tuning = { sampleRate, f0, taps, ahead };
  // narrower where the period's own tap would lie in the fade
  return { ...tuning, fade: Math.min(FADE, reachOf(tuning)) };
}

/** How far from the period every filter hears, on either side (samples). */
function reachOf({ taps, ahead }: Tuning): number {
  return Math.min(ahead, taps - 1 - ahead);
}

/** B of the string: the median of what the recordings tell, if any does. */
function knownInharmonicity(notes: readonly LearnedNote[]): number | undefined {
  const known = notes.flatMap(({ inharmonicity }) => inharmonicity ?? []);
  return known.length === 0 ? undefined : median(known);
}
