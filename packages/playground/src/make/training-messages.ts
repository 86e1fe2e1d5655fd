/**
 * What a page that trains a string and its training worker say to each other. The page starts the worker as soon as it
 * may be needed, waits for `ready` (from then on nothing is fetched any more), sends one `train`, and may send `pause`,
 * `resume` and `stop` at any time after it. One worker trains one string: for another, or after `done` or `failed`,
 * terminate it and start a new one. All numbers of samples count at the recording's own rate.
 *
 *   const worker = new Worker(new URL("./training-worker.ts", import.meta.url), { type: "module" });
 */
import type { HeatMap } from "@neural-string/trainer/report/plots";

/** Optimisation steps where neither `steps` nor `minutes` is given. */
export const DEFAULT_STEPS = 600;

/** A recording to learn from: one note, plucked or struck once, left to ring. */
export interface TrainingRecording {
  /** As people know it, the file's name; goes into the model's provenance. */
  name: string;
  /** Mono, full scale +-1. What comes before the onset and the zeros after the end are left out by the worker. */
  samples: Float32Array<ArrayBuffer>;
  /** Hz. Further recordings are brought to the rate of the first. */
  sampleRate: number;
  /** First sample of the note; default: found, as `pnpm train` finds it. */
  onset?: number;
  /** Hz; default: estimated from the note, as `pnpm train` does. */
  f0?: number;
  /** B of the string, where the pre-flight has estimated it; read only where `f0` is given. */
  inharmonicity?: number;
  /** SHA-256 of the file's bytes, hexadecimal; default: of the samples, where the browser can (secure pages only). */
  sha256?: string;
  licence?: string;
  attribution?: string;
}

export interface TrainingOptions {
  /** The model's name: 1 to 64 letters, digits, spaces, dots, dashes, underscores; default: the first recording's. */
  name?: string;
  /** Optimisation steps, 1 or more; default `DEFAULT_STEPS`, or what fits into `minutes` where those are given. */
  steps?: number;
  /** A time budget, turned into steps before training begins. */
  minutes?: number;
  /** Default 1. The same recordings, seed and steps give the same bits, however many threads work on them. */
  seed?: number;
  /** Workers that compute: at most as many as `ready` tells, which is the default. */
  threads?: number;
  /** Any other part of `pnpm train`'s config (packages/shared/src/train-config.ts), for tests and for the curious. */
  config?: { model?: object; training?: object; selection?: object };
}

export type ToTrainingWorker =
  /**
   * Begin, or go on: a `resumption` comes from a `state`, `checkpoint` or `done` of the same recordings. It knows the
   * options it began with; of those given with it only `steps`, which may ask for more, and `threads` count.
   */
  | { type: "train"; recordings: TrainingRecording[]; options: TrainingOptions; resumption?: ArrayBuffer }
  /** Hold after the step at hand; answered by `paused`. The last `state` is enough to go on from after a reload. */
  | { type: "pause" }
  | { type: "resume" }
  /** End after the step at hand; answered by `done`, with the best model so far. */
  | { type: "stop" };

/** Distances of the string from a recording it was trained on, over up to 5 s from its first free sample on. */
export interface HeardMetrics {
  /** Energy decay relief: mean |difference| (dB). */
  edr: number;
  /** Energy decay curve: mean |difference| (dB). */
  edc: number;
  /** Log-spectral distance (dB). */
  lsd: number;
  /** Envelopes of the first 16 partials: mean RMS difference (dB); null where none rises above the noise. */
  partials: number | null;
  /** Median |pitch difference| of the first ten partials (cents). */
  cents: number;
}

/** A model, and how it sounds beside its recording. */
export interface TrainedModel {
  /** The step it is of. */
  step: number;
  /** A whole model.safetensors as `pnpm train` writes it: certificate, excitations, provenance. */
  model: ArrayBuffer;
  /** Of the first recording; null where it is too short to compare. */
  metrics: HeardMetrics | null;
  /**
   * Energy decay relief of the first recording, of the string, and the difference, over the stretch of the metrics: what
   * the report's plots and audition/surface.ts draw. Null where it is too short.
   */
  edrSurface: { target: HeatMap; render: HeatMap; difference: HeatMap } | null;
  /** What both sounds of the comparison are, from the same instant on [samples], at the model's rate; null as above. */
  sounds: { target: Float32Array; render: Float32Array; sampleRate: number } | null;
}

export type FromTrainingWorker =
  /** All that is needed has been fetched and started. */
  | { type: "ready"; threads: number }
  /** The recordings are fit to train on, and this is what will be done. */
  | {
      type: "started";
      /** Steps done already, more than 0 where training goes on; and steps in all. */
      step: number;
      steps: number;
      /** Hz, of the string. */
      f0: number;
      sampleRate: number;
      seed: number;
      threads: number;
      /** The stages, each from step `from` up to step `to`. */
      stages: { name: string; from: number; to: number }[];
      /** Rounds of the last touch that follow the steps. */
      rounds: number;
      /** In words. */
      summary: string;
    }
  /** Several times a second. */
  | {
      type: "progress";
      step: number;
      steps: number;
      /** Mean over the steps since the last such message; the last one's during the rounds. */
      loss: number;
      /** Name of the stage; "two planes" is the last touch, whose rounds follow the steps. */
      stage: string;
      /** Rounds done, and in all: null before the last touch. */
      round: { done: number; of: number } | null;
      /** Seconds of a step lately, pauses left out. */
      secondsPerStep: number;
    }
  /** The closed loop heard on stretches held out of every recording, about 40 times in a run. */
  | { type: "evaluation"; step: number; scoreDb: number; edrDb: number; edcDb: number; best: boolean }
  /** Enough to go on to the same bits after a reload, at every evaluation; some 100 KB. */
  | { type: "state"; step: number; resumption: ArrayBuffer }
  /** The best string so far, now and then: after an evaluation that was the best, and where the last is long ago. */
  | ({ type: "checkpoint"; resumption: ArrayBuffer } & TrainedModel)
  | { type: "paused" }
  | { type: "resumed" }
  /** The end. */
  | ({
      type: "done";
      /** Whether it was asked to end before its last step. */
      stopped: boolean;
      /** Of the best on held-out stretches; `step` is its own. */
      bestScoreDb: number;
      stepsDone: number;
      /** Of training, without pauses and without what came before a reload. */
      seconds: number;
      resumption: ArrayBuffer;
    } & TrainedModel)
  /** Nothing further comes. */
  | {
      type: "failed";
      /** One sentence: what, where, what to do. */
      message: string;
      /** Whether it is our fault, not the recordings'. */
      isOurs: boolean;
    };
