/**
 * What `losses.bin` of a run folder holds: the losses of some training examples, each on its own, the same ones at
 * every evaluation. The file is a uint64 with the length of its header, the header (JSON, below, padded with spaces to
 * whole 8 bytes), and rows of a uint32, the updates done, and one float32 for each example; all little endian.
 */
import { z } from "zod";

export const LossHeaderSchema = z
  .strictObject({
    schema: z.literal(1),
    /** samples: each loss is that of a single prediction (or of a window of them); rollouts: of the loop on its own. */
    of: z.enum(["samples", "rollouts"]),
    /** Which loss; that of rollouts weighs its parts as the stage does that a row lies in. */
    loss: z.string(),
    /** Samples of one example. */
    window: z.int().min(1),
    sampleRate: z.number().positive(),
    /** Names of the recordings that examples are of. */
    recordings: z.array(z.string()).min(1),
    /** What is known of the examples, column by column; with recording and sample an example has the same name in every run. */
    examples: z.strictObject({
      /** Index into the recordings. */
      recording: z.array(z.int().min(0)).min(1),
      /** First sample that is predicted, counted from the recording's onset (of a stability recording: from its start). */
      sample: z.array(z.int().min(0)),
      /** Level of the period before it (dB). */
      levelDb: z.array(z.number()),
      /** Its first target over the RMS of that period: 0 is a zero crossing. */
      relative: z.array(z.number()),
    }),
  })
  .refine(
    ({ recordings, examples: { recording, ...columns } }) =>
      recording.every((index) => index < recordings.length) &&
      Object.values(columns).every(({ length }) => length === recording.length),
    "expected columns of one length, and recordings that are named",
  );

export type LossHeader = z.output<typeof LossHeaderSchema>;
