/**
 * What a sweep is told, what a trial of it is, and what its journal keeps: the contracts between `pnpm sweep`, the
 * processes and machines that train its trials, and the folder in which it can be resumed.
 */
import { z } from "zod";
import { FilePathSchema } from "./recording-source.ts";
import { TrainConfigSchema } from "./train-config.ts";

/** SHA-256 in hexadecimal digits. */
const Sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "expected a SHA-256 of 64 hexadecimal digits");

/** A range of numbers, both ends included. */
export const RangeSchema = z
  .strictObject({
    from: z.number(),
    to: z.number(),
    /** log: evenly over factors, both ends above 0. */
    scale: z.enum(["linear", "log"]).default("linear"),
    /** Only whole numbers. */
    whole: z.boolean().default(false),
    /** How many values a grid takes of it, ends included. */
    points: z.int().min(2).max(1000).default(5),
  })
  .refine(({ from, to }) => from < to, "expected from below to")
  .refine(({ from, scale }) => scale === "linear" || from > 0, "expected a range above 0 for the scale log");

/**
 * What is varied: by the config's path ("training.batchSize"), values or a range. Several paths joined by ", " vary
 * together: every value is then a list with one entry for each.
 */
export const SpaceSchema = z.record(
  z.string().min(1),
  z.union([z.array(z.unknown()).min(1, "expected one value or more"), RangeSchema]),
);

/** What is kept of a trial's closed loop on held-out stretches of its own recordings; lower is better in all. */
export const SCORES = ["score", "edr", "edc", "loss"] as const;

export const SearchSchema = z.discriminatedUnion("kind", [
  /** Every combination; the last parameter changes fastest. */
  z.strictObject({ kind: z.literal("grid") }),
  /** Independent draws. */
  z.strictObject({ kind: z.literal("random") }),
  /** All begin, the better part goes on, again and again, until the last have trained all their steps. */
  z.strictObject({
    kind: z.literal("halving"),
    /** One in so many goes on. */
    reduction: z.number().min(1.5).max(16).default(3),
    /** How often it is looked, the last time at the end of all steps. */
    rungs: z.int().min(2).max(8).default(3),
  }),
  /** Tree-structured Parzen estimator: draws where good trials were denser than the others. */
  z.strictObject({
    kind: z.literal("tpe"),
    /** Random draws before it. */
    startup: z.int().min(2).max(1000).default(10),
    /** Trials drawn at once, from the same results: what makes a sweep the same whatever the number of workers. */
    batch: z.int().min(1).max(256).default(4),
    /** Draws among which the best promise is taken. */
    candidates: z.int().min(1).max(1000).default(24),
  }),
]);

/** A sweep file, in YAML or JSON; each field is also an option of `pnpm sweep`. */
export const SweepSchema = z.strictObject({
  /** Name of its folder. */
  name: z
    .string()
    .regex(/^[\w][\w. -]{0,63}$/, "expected 1 to 64 letters, digits, spaces, dots, dashes or underscores")
    .nullable()
    .default(null),
  /** Where trials begin: part of a training config, or the name of one of ours or of a file. */
  config: z.union([FilePathSchema, z.record(z.string(), z.unknown())]).default({}),
  over: SpaceSchema,
  search: SearchSchema.prefault({ kind: "grid" }),
  metric: z.enum(SCORES).default("score"),
  /** Seed of what the search draws; that of a training is `training.seed`. */
  seed: z.int().min(0).max(4294967295).default(1),
  /** Most trials; null = the whole grid, or 20 draws. */
  runs: z.int().min(1).max(100000).nullable().default(null),
});

/** A recording that trials are trained or judged on, by its content. */
export const TrialDataSchema = z.strictObject({
  /** As the config names it. */
  source: FilePathSchema.max(4096),
  /** Its file's name, without folders. */
  name: z
    .string()
    .max(255)
    .regex(/^[^/\\\0]*[^/\\\0.][^/\\\0]*$/, "expected a file's name without folders"),
  sha256: Sha256Schema,
  bytes: z
    .int()
    .min(1)
    .max(512 * 1024 * 1024),
});

/** A file of a run's folder as it travels. */
export const TrialFileSchema = z.strictObject({
  /** Within the folder: names joined by "/", none hidden, none that leads out of it. */
  path: z
    .string()
    .max(200)
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,3}$/,
      "expected a path within a run",
    ),
  sha256: Sha256Schema,
  bytes: z
    .int()
    .min(0)
    .max(512 * 1024 * 1024),
});

/** One order to train: from nothing, or from where the trial's run folder stands. */
export const TrialJobSchema = z.strictObject({
  schema: z.literal(1),
  /** Name of the sweep. */
  sweep: z.string().min(1).max(64),
  /** Hash of config and data. */
  id: Sha256Schema,
  /** Counted from 1, in the order in which the search named it. */
  number: z.int().min(1),
  config: TrainConfigSchema,
  /** Every recording that the config names as a text. */
  data: z.array(TrialDataSchema).max(1000),
  /** Step at whose next listening it pauses; null = train to the end. */
  pauseAt: z.int().min(1).nullable(),
});

/** A trial's job in the queue. */
export const QueuedTrialSchema = z.strictObject({
  job: TrialJobSchema,
  /** Prefix of the keys under which its files lie in Redis. */
  store: z.string().regex(/^[0-9a-f]{16,64}$/, "expected hexadecimal digits"),
  /** The run folder to go on with; none = from the beginning. */
  files: z.array(TrialFileSchema).max(1000),
});

const dB = z.number().nullable();

export const TrialOutcomeSchema = z.strictObject({
  /** finished: trained to its end; paused: at a rung of the search; failed: an outcome too, the worst. */
  status: z.enum(["finished", "paused", "failed"]),
  /** Steps done. */
  step: z.int().min(0),
  /** Of the checkpoint that was kept; null where there is none, or nothing was predicted. */
  scores: z.strictObject({ score: dB, edr: dB, edc: dB, loss: z.number().nullable() }),
  /** Means over the judges, which touch nothing of the search; null where there was no judging. */
  judge: z.strictObject({ edr: dB, lsd: dB, edc: dB, partials: dB, cents: z.number().nullable() }).nullable(),
  /** Names of the failures that the judging found. */
  failures: z.array(z.string().max(200)).max(100),
  error: z.string().max(2000).optional(),
  /** Of work, this time. */
  seconds: z.number().min(0),
  /** Who did it: host and process. */
  worker: z.string().max(200),
});

/** What a queue's worker gives back. */
export const QueuedOutcomeSchema = z.strictObject({
  outcome: TrialOutcomeSchema,
  files: z.array(TrialFileSchema).max(1000),
});

export const JournalLineSchema = z.discriminatedUnion("type", [
  /** A trial got its number. */
  z.strictObject({
    type: z.literal("trial"),
    number: z.int().min(1),
    id: Sha256Schema,
    /** What it sets, by the config's paths. */
    set: z.record(z.string(), z.unknown()),
  }),
  /** A trial came to its end, or to a rung. */
  z.strictObject({
    type: z.literal("outcome"),
    number: z.int().min(1),
    id: Sha256Schema,
    pauseAt: z.int().min(1).nullable(),
    at: z.string(),
    outcome: TrialOutcomeSchema,
  }),
]);

export type Range = z.output<typeof RangeSchema>;
export type Space = z.output<typeof SpaceSchema>;
export type SearchConfig = z.output<typeof SearchSchema>;
export type Sweep = z.output<typeof SweepSchema>;
export type Score = (typeof SCORES)[number];
export type TrialData = z.output<typeof TrialDataSchema>;
export type TrialFile = z.output<typeof TrialFileSchema>;
export type TrialJob = z.output<typeof TrialJobSchema>;
export type QueuedTrial = z.output<typeof QueuedTrialSchema>;
export type TrialOutcome = z.output<typeof TrialOutcomeSchema>;
export type QueuedOutcome = z.output<typeof QueuedOutcomeSchema>;
export type JournalLine = z.output<typeof JournalLineSchema>;
