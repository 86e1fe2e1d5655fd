/**
 * What a run folder says of itself: `run.json` (what was run, on what, with which result), the lines of `log.jsonl`,
 * and `metrics.json`. `pnpm runs` and the report read these and nothing else.
 */
import { z } from "zod";
import { MetricsSchema } from "./metrics.ts";

/** A recording as the run used it. */
export const RunRecordingSchema = z.strictObject({
  name: z.string(),
  /** As given: a path, npm:..., or a recipe. */
  source: z.unknown(),
  sha256: z.string(),
  sampleRate: z.number().positive(),
  /** Hz, of this recording. */
  f0: z.number().positive(),
  seconds: z.number().positive(),
  /** What the checks noticed. */
  notes: z.array(z.string()),
});

export const RunRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** The folder's number. */
  number: z.int().min(0),
  name: z.string(),
  kind: z.string(),
  /** running: in progress, or ended without a word; stopped: ended by the user, the best so far exported. */
  status: z.enum(["running", "finished", "stopped", "failed"]),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  seed: z.int(),
  backend: z.string(),
  /** Steps planned. */
  steps: z.int().min(0),
  /** Steps done. */
  stepsDone: z.int().min(0),
  /** Step of the best checkpoint. */
  bestStep: z.int().min(0).nullable(),
  /** Closed-loop score of the best checkpoint on held-out stretches of the training recordings (dB, lower is better). */
  bestScoreDb: z.number().nullable(),
  /** Model's fundamental (Hz) and sample rate (Hz). */
  f0: z.number().positive(),
  sampleRate: z.number().positive(),
  trainedOn: z.array(RunRecordingSchema),
  judgedOn: z.array(RunRecordingSchema),
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  versions: z.record(z.string(), z.string()),
  /** SHA-256 of what config.json says, its number of steps aside: a config that somebody has edited is another run's. */
  configSha256: z.string().optional(),
  /** Why it failed, in one sentence. */
  error: z.string().optional(),
});

/** A stretch of updates: what the loss did between two lines. */
export const UpdateLineSchema = z.strictObject({
  type: z.literal("updates"),
  /** Step after the last of them. */
  step: z.int().min(1),
  /** Passes over the data so far, fractional. */
  epoch: z.number().min(0),
  loss: z.number(),
  lossMin: z.number(),
  lossMax: z.number(),
  learningRate: z.number().min(0),
  /** Which stage they belong to, where training has stages. */
  stage: z.int().min(0).optional(),
  /** Means of what the loss is the sum of, weighted as they enter it, by name: waveform, spectral, decay. */
  parts: z.record(z.string(), z.number()).optional(),
});

/** A stage of training begins; its updates are those up to the next such line. */
export const StageLineSchema = z.strictObject({
  type: z.literal("stage"),
  /** Updates before it. */
  step: z.int().min(0),
  /** Counted from 0. */
  stage: z.int().min(0),
  name: z.string(),
  /** Filters of the first loop that it trains. */
  filters: z.int().min(1),
  /** Length of a rollout. */
  seconds: z.number().positive(),
  /** Rollouts per update. */
  batchSize: z.int().min(1),
  /** Updates planned. */
  steps: z.int().min(0),
});

/** The closed loop heard on held-out stretches. */
export const EvaluationLineSchema = z.strictObject({
  type: z.literal("evaluation"),
  step: z.int().min(0),
  epoch: z.number().min(0),
  /** One-step loss on the held-out stretches; null where training predicts no single steps. */
  heldOutLoss: z.number().nullable(),
  /** What checkpoints are chosen by (dB, lower is better). */
  scoreDb: z.number(),
  edrDb: z.number(),
  edcDb: z.number(),
  endLevelDb: z.number(),
  dcEnd: z.number(),
  best: z.boolean(),
});

/** One pass over the data. */
export const EpochLineSchema = z.strictObject({
  type: z.literal("epoch"),
  step: z.int().min(1),
  epoch: z.int().min(1),
  /** Mean loss of its updates. */
  loss: z.number(),
});

export const LogLineSchema = z.discriminatedUnion("type", [
  UpdateLineSchema,
  EvaluationLineSchema,
  EpochLineSchema,
  StageLineSchema,
]);

/** A verdict in words next to its number. */
export const VerdictSchema = z.strictObject({
  name: z.string(),
  value: z.number().nullable(),
  unit: z.string(),
  verdict: z.enum(["good", "fair", "poor"]),
  sentence: z.string(),
});

/** A named way in which a closed loop fails. */
export const FailureSchema = z.strictObject({
  id: z.string(),
  /** As people say it. */
  name: z.string(),
  sentence: z.string(),
  causes: z.array(z.string()),
});

/** One judgement: a render against a recording. */
export const JudgementSchema = z.strictObject({
  recording: z.string(),
  /** Whether the model has seen it in training; null = not known. */
  seenInTraining: z.boolean().nullable(),
  /** Samples of the recording that excited the model. */
  skip: z.int().min(0),
  /** Hz, used to find the partials. */
  f0: z.number().positive(),
  /** The render, relative to the run folder; null where it was not kept. */
  render: z.string().nullable(),
  metrics: MetricsSchema,
  verdicts: z.array(VerdictSchema),
  failures: z.array(FailureSchema),
  /** Samples of the render that were not finite and were silenced. */
  brokenSamples: z.int().min(0),
});

export const JudgementsSchema = z.strictObject({
  schema: z.literal(1),
  judgements: z.array(JudgementSchema),
});

export type RunRecording = z.output<typeof RunRecordingSchema>;
export type RunRecord = z.output<typeof RunRecordSchema>;
export type LogLine = z.output<typeof LogLineSchema>;
export type UpdateLine = z.output<typeof UpdateLineSchema>;
export type EvaluationLine = z.output<typeof EvaluationLineSchema>;
export type EpochLine = z.output<typeof EpochLineSchema>;
export type StageLine = z.output<typeof StageLineSchema>;
export type Verdict = z.output<typeof VerdictSchema>;
export type Judgement = z.output<typeof JudgementSchema>;
