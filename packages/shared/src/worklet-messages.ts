/**
 * What main thread and audio thread say to each other. The main thread fetches and posts bytes, because the worklet
 * can fetch nothing and Safari refuses a posted module; the worklet answers `loaded` before it is asked to play.
 */
import { z } from "zod";

const BytesSchema = z.instanceof(ArrayBuffer);
const SamplesSchema = z.instanceof(Float32Array);

/** Main thread to audio thread. */
export const ToWorkletSchema = z.discriminatedUnion("type", [
  /** Compile a core (a build's bytes) and bind a model file to it. */
  z.strictObject({ type: z.literal("load"), wasm: BytesSchema, model: BytesSchema }),
  /** Put recorded samples behind the string and sound. */
  z.strictObject({
    type: z.literal("excite"),
    past: SamplesSchema,
    /** Ratio of energies the guard allows; 0 = guard off. */
    guardHeadroom: z.number().min(0),
  }),
  z.strictObject({ type: z.literal("control"), index: z.int().min(0), value: z.number() }),
  /** A feature's value, or "live" to follow the string's own sound. */
  z.strictObject({
    type: z.literal("feature"),
    index: z.int().min(0),
    value: z.union([z.number(), z.literal("live")]),
  }),
  /** Silence. */
  z.strictObject({ type: z.literal("reset") }),
]);

/** Audio thread to main thread. */
export const FromWorkletSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("loaded"),
    sampleRate: z.number().positive(),
    blockFrames: z.int().min(1),
  }),
  /** A request could not be met; one sentence. */
  z.strictObject({ type: z.literal("failed"), reason: z.string() }),
  /** What went wrong or was held back since the last report. */
  z.strictObject({
    type: z.literal("status"),
    brokenSamples: z.int().min(0),
    guardInterventions: z.int().min(0),
  }),
]);

export type ToWorklet = z.output<typeof ToWorkletSchema>;
export type FromWorklet = z.output<typeof FromWorkletSchema>;
