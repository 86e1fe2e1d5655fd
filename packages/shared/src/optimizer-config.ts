/** The optimisers and the learning rate's schedules by name. Part of `train-config.ts`. */
import { z } from "zod";

const learningRate = (standard: number) => z.number().positive().default(standard);
const epsilon = z.number().positive().default(1e-8);
/** Share of the memory that stays from step to step. */
const memory = (standard: number) => z.number().min(0).max(0.999999).default(standard);

export const OptimizerSchema = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adam"),
    learningRate: learningRate(1e-3),
    beta1: z.number().min(0).max(0.9999).default(0.9),
    beta2: memory(0.999),
    epsilon,
  }),
  /** Plain steps along the gradient, with momentum if asked. */
  z.strictObject({
    name: z.literal("sgd"),
    learningRate: learningRate(1e-2),
    momentum: z.number().min(0).max(0.9999).default(0),
    /** Look ahead along the momentum before stepping. */
    nesterov: z.boolean().default(false),
  }),
  /** Steps divided by the root of a fading mean of squared gradients. */
  z.strictObject({
    name: z.literal("rmsprop"),
    learningRate: learningRate(1e-3),
    decay: memory(0.9),
    epsilon,
  }),
  /** Steps divided by the root of the sum of all squared gradients so far. */
  z.strictObject({ name: z.literal("adagrad"), learningRate: learningRate(1e-2), epsilon }),
]);

export const ScheduleSchema = z.discriminatedUnion("name", [
  /** The learning rate stays. */
  z.strictObject({ name: z.literal("constant") }),
  /** The learning rate falls along half a cosine to `final` times itself at the last step. */
  z.strictObject({ name: z.literal("cosine"), final: z.number().min(0).max(1).default(0.02) }),
  /** The learning rate falls along a straight line to `final` times itself at the last step. */
  z.strictObject({ name: z.literal("linear"), final: z.number().min(0).max(1).default(0.02) }),
  /** The learning rate falls by the same factor at every step, to `final` times itself at the last. */
  z.strictObject({ name: z.literal("exponential"), final: z.number().positive().max(1).default(0.02) }),
  /** The learning rate is multiplied by `factor` every `steps` steps. */
  z.strictObject({
    name: z.literal("step"),
    factor: z.number().positive().max(1).default(0.5),
    steps: z.int().min(1),
  }),
]);

export type OptimizerConfig = z.output<typeof OptimizerSchema>;
export type ScheduleConfig = z.output<typeof ScheduleSchema>;
