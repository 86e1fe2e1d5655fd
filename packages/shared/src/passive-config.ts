/**
 * What a passive string's training is told: its size, and the stages of its curriculum. Part of `train-config.ts`.
 * The stages' weights and rates are what came out best on unseen guitar recordings (docs/LOG.md, 2026-11-22).
 */
import { z } from "zod";
import { aheadRange } from "./passive-model.ts";

/** Most taps that a filter may be trained with. */
const MOST_TAPS = 4096;
const WIDEST_AHEAD = aheadRange({ taps: MOST_TAPS, period: Number.POSITIVE_INFINITY }, "training");

export const PassiveModelConfigSchema = z.strictObject({
  kind: z.literal("passive"),
  /** Taps of each loop filter, a power of two; null = the one nearest to half a period, from 64 to 1024. */
  taps: z
    .int()
    .min(32)
    .max(MOST_TAPS)
    .refine((n) => Number.isInteger(Math.log2(n)), "expected a power of two")
    .nullable()
    .default(null),
  /**
   * Taps that lie ahead of the period (stiff strings' high partials come early), within the training's `aheadRange`;
   * null = three quarters of the taps.
   */
  ahead: z.int().min(WIDEST_AHEAD.least).max(WIDEST_AHEAD.most).nullable().default(null),
  /** Filters of the first loop; 1 = linear, more = a network weights them by level, its change and the controls. */
  filters: z.int().min(1).max(8).default(3),
  /** Hidden units of that network. */
  hidden: z.int().min(1).max(256).default(16),
  /** Samples from one answer of its network to the next. */
  hop: z.int().min(16).max(4096).default(256),
  /**
   * Whether the network hears how fast the level changes, too. A string with a network that does was found to silence
   * itself in a tenth of a second from a start it had not been trained on: what it lost made the weights move, and
   * moving weights lose more (docs/LOG.md, 2026-11-22). The level alone hears as well.
   */
  hearsChange: z.boolean().default(false),
  /** Whether the pitch is an input of the network: for one model of several notes. */
  pitchControl: z.boolean().default(false),
  /** Length of the excitations (plucks) that the model keeps of its recordings (s). */
  excitationSeconds: z.number().min(0.01).max(1).default(0.25),
});

/** One stage of the curriculum: rollouts of one length. */
export const StageSchema = z.strictObject({
  name: z.string().min(1).max(32),
  /** Length of its rollouts (s). */
  seconds: z.number().min(0.02).max(30),
  /** Rollouts per step. */
  batchSize: z.int().min(1).max(256),
  /** Its share of the steps, relative to the other stages'. */
  share: z.number().positive(),
  /** Multiplies the rates below; within a stage it falls linearly to a tenth. */
  rate: z.number().positive(),
  /** linear: one filter, no network (but a model of several notes has all of its own from the start); mixture: all of them. */
  filters: z.enum(["linear", "mixture"]),
  /** Weight of the pre-emphasised waveform's error over the first 16 periods, relative to the past's energy. */
  waveWeight: z.number().min(0),
  /** Weight of the |log magnitude| error of short-time spectra. */
  spectralWeight: z.number().min(0),
  /** Weight of the energy decay's |log| error, band by band. */
  decayWeight: z.number().min(0),
});

export const SequenceSchema = z.strictObject({
  stages: z
    .array(StageSchema)
    .min(1)
    .max(16)
    .prefault([
      {
        name: "first periods",
        seconds: 0.145,
        batchSize: 16,
        share: 0.12,
        rate: 2,
        filters: "linear",
        waveWeight: 5000,
        spectralWeight: 0.2,
        decayWeight: 0,
      },
      {
        name: "linear loops",
        seconds: 0.78,
        batchSize: 8,
        share: 0.3,
        rate: 1,
        filters: "linear",
        waveWeight: 1000,
        spectralWeight: 0.5,
        decayWeight: 0.3,
      },
      {
        name: "mixture",
        seconds: 0.78,
        batchSize: 8,
        share: 0.43,
        rate: 1,
        filters: "mixture",
        waveWeight: 1000,
        spectralWeight: 0.5,
        decayWeight: 0.5,
      },
      {
        name: "long decays",
        seconds: 3.6,
        batchSize: 8,
        share: 0.15,
        rate: 0.4,
        filters: "mixture",
        waveWeight: 500,
        spectralWeight: 1,
        decayWeight: 1,
      },
    ]),
  /** Adam's step for the logarithm of damping, for phase (radians) and for the network. */
  dampingRate: z.number().positive().default(2e-2),
  phaseRate: z.number().positive().default(1e-3),
  networkRate: z.number().positive().default(2e-3),
  /** Multiplies the first two once the network has joined: a string that already sounds right is moved gently. */
  mixtureSlowdown: z.number().positive().max(1).default(0.3),
  /**
   * Whether a fresh mixture is laid out along the glide that is measured in the recordings (a string plucked hard sounds
   * sharper at first). It saves a short training steps and is not worth any to a long one (docs/LOG.md, 2026-11-25).
   */
  glide: z.boolean().default(false),
  /** Latest start of a rollout (seconds after the onset). */
  latestStart: z.number().positive().default(9),
  /** Starts are drawn as this power of a uniform number: above 1 the attack comes more often. */
  startPower: z.number().min(0.1).max(10).default(1.5),
  /**
   * Share of the examples in which two stretches of nearly the same age sound together: a string that hears only the
   * two or three plucks it was recorded with learns their beating by heart.
   */
  blend: z.number().min(0).max(1).default(0.5),
  /** Widest difference of their ages (s). */
  blendSeconds: z.number().min(0).max(10).default(0.4),
  /** Examples are made louder or softer by up to this (dB), so that the network does not learn single levels. */
  levelDb: z.number().min(0).max(20).default(3),
  /** Weight decay of the network (per step, times its rate): a network without it may switch filters wildly at levels it has not heard. */
  networkDecay: z.number().min(0).max(10).default(0.1),
  /** The last touch: loops become parallel planes, and what the first partials hang on is solved for. */
  planes: z
    .strictObject({
      /** Rounds of the solver; 0 = none, the loops stay a cascade; null = one per 300 steps, at most 4. */
      rounds: z.int().min(0).max(50).nullable().default(null),
      /** Starts of every recording that a round hears, drawn anew for each. */
      starts: z.int().min(1).max(64).default(4),
    })
    .prefault({}),
  /** Worker threads; null = as many as the machine has cores. */
  threads: z.int().min(1).max(64).nullable().default(null),
});

export type PassiveModelConfig = z.output<typeof PassiveModelConfigSchema>;
export type StageConfig = z.output<typeof StageSchema>;
export type SequenceConfig = z.output<typeof SequenceSchema>;
