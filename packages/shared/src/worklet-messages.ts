/**
 * What main thread and audio thread say to each other. The core's bytes travel with the node's options, because the
 * worklet can fetch nothing and Safari refuses a posted module; the model is read and checked by the page, so that no
 * certificate is verified while others play. core-wasm, which has no dependencies, has the same as plain types; a test
 * holds the two together.
 */
import { z } from "zod";

const SamplesSchema: z.ZodType<Float32Array> = z.instanceof(Float32Array);
const PositiveSchema = z.number().positive();
/** Seconds to fall 60 dB; Infinity = it rings on. */
const T60Schema = z.union([PositiveSchema, z.literal(Number.POSITIVE_INFINITY)]);
const CentsSchema = z.number().min(-200).max(200);
const IdSchema = z.int().min(1);
/** Seconds of the context; without it, at the next block. */
const time = z.number().optional();

/** A model as `readModelFile` of core-wasm makes it. */
const ModelSchema = z.custom<object>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    ((value as { kind?: unknown }).kind === "classic" || (value as { kind?: unknown }).kind === "passive"),
  "expected a model that core-wasm has read",
);

/** A tuning as a `StringTuner` of core-wasm makes it. */
const TuningSchema = z.strictObject({
  sampleRate: PositiveSchema,
  f0: PositiveSchema,
  period: z.int().min(1),
  taps: z.int().min(2),
  ahead: z.int().min(0),
  hop: z.int().min(1),
  longestDelay: z.int().min(1),
  gain: z.number().gt(0).lt(1),
  loopTaps: SamplesSchema,
  excitations: z.array(SamplesSchema),
  /** What a parallel string's second loop is given, as many; else none. */
  coupled: z.array(SamplesSchema),
});

/** Main thread to audio thread. */
export const ToWorkletSchema = z.discriminatedUnion("type", [
  /** Prepare a model, yet without voices; what sounds goes on until `play`. */
  z.strictObject({
    type: z.literal("load"),
    model: ModelSchema,
    polyphony: z.int().min(1).max(256),
    releaseT60: T60Schema,
    /** Hz, of the lowest tuning to come. */
    lowestF0: PositiveSchema.optional(),
  }),
  /** So many more voices for the model that was loaded last; `play` makes those that are missing then, all at once. */
  z.strictObject({ type: z.literal("prepare"), voices: z.int().min(1) }),
  /** One more pitch for the model that was loaded last. */
  z.strictObject({ type: z.literal("tuning"), tuning: TuningSchema }),
  /** The model that was loaded last plays from now on; the one before fades out. */
  z.strictObject({ type: z.literal("play") }),
  z.strictObject({
    type: z.literal("noteOn"),
    id: IdSchema,
    f0: PositiveSchema,
    velocity: z.number().min(0).max(1),
    /** Share of the string from the bridge that it is plucked at; default: where it was recorded. */
    position: z.number().gt(0).max(0.5).optional(),
    /** Hz, of the low pass that a soft finger is. */
    cutoff: PositiveSchema.optional(),
    time,
  }),
  z.strictObject({ type: z.literal("noteOff"), id: IdSchema, time }),
  /** Of all notes, or of one. */
  z.strictObject({ type: z.literal("bend"), cents: CentsSchema, id: IdSchema.optional(), time }),
  z.strictObject({ type: z.literal("damp"), t60: T60Schema, time }),
  /** As damp, and the notes to come too. */
  z.strictObject({ type: z.literal("mute"), t60: T60Schema, time }),
  /** Weigh the second loop; 0 = as learned. */
  z.strictObject({ type: z.literal("polarisation"), mix: z.number().min(-1).max(1), time }),
  z.strictObject({ type: z.literal("soften"), t60: T60Schema, time }),
  /** Of the note-offs to come. */
  z.strictObject({ type: z.literal("release"), t60: T60Schema, time }),
  z.strictObject({ type: z.literal("control"), index: z.int().min(0), value: z.number(), time }),
  /** A classic string's feature, or "live" to follow the string's own sound. */
  z.strictObject({
    type: z.literal("feature"),
    index: z.int().min(0),
    value: z.union([z.number(), z.literal("live")]),
    time,
  }),
  /** Put recorded samples behind the string and sound. */
  z.strictObject({
    type: z.literal("excite"),
    past: SamplesSchema,
    /** Ratio of energies the guard allows; 0 = guard off. */
    guardHeadroom: z.number().min(0),
    time,
  }),
  /** Fade out. */
  z.strictObject({ type: z.literal("stop"), time }),
  /** To be answered once everything before it has arrived. */
  z.strictObject({ type: z.literal("sync"), id: IdSchema }),
  /** The node is not needed any more. */
  z.strictObject({ type: z.literal("dispose") }),
]);

/** What may be refused, by its type; or what has none of ours. */
const RequestSchema = z.enum([
  "unknown",
  ...([
    "load",
    "prepare",
    "tuning",
    "play",
    "noteOn",
    "noteOff",
    "bend",
    "damp",
    "mute",
    "polarisation",
    "soften",
    "release",
  ] as const),
  ...(["control", "feature", "excite", "stop", "sync", "dispose"] as const),
]);

/** Audio thread to main thread. */
export const FromWorkletSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("loaded"),
    sampleRate: z.number().positive(),
    blockFrames: z.int().min(1),
  }),
  /** Answer to `sync`. */
  z.strictObject({ type: z.literal("synced"), id: IdSchema }),
  /** A request could not be met; one sentence. */
  z.strictObject({ type: z.literal("failed"), request: RequestSchema, reason: z.string() }),
  /** What went wrong or was held back since the last report. */
  z.strictObject({
    type: z.literal("status"),
    brokenSamples: z.int().min(0),
    guardInterventions: z.int().min(0),
  }),
]);

export type ToWorklet = z.output<typeof ToWorkletSchema>;
export type FromWorklet = z.output<typeof FromWorkletSchema>;
