/** What the page and the instrument's audio thread say to each other, beyond what core-wasm's instrument understands. */
import type { FromWorklet, ToWorklet } from "@neural-string/core-wasm";

/** Points that a string's period is looked at in, and strings that are looked at. */
export const LOOK_POINTS = 128;
const MOST_LOOKED = 12;

/** What a look brings: arrays travel to the audio thread and back, so that none is made there. */
export interface Look {
  /** f32 [MOST_LOOKED, LOOK_POINTS], the newest period of each note (`Voices.look`). */
  shapes: Float32Array<ArrayBuffer>;
  /** f64 [MOST_LOOKED, 3]: id, f0 (Hz), phase (periods). */
  notes: Float64Array<ArrayBuffer>;
}

export function emptyLook(): Look {
  return {
    shapes: new Float32Array(MOST_LOOKED * LOOK_POINTS),
    notes: new Float64Array(MOST_LOOKED * 3),
  };
}

/** Page to audio thread. */
export type ToStage =
  | ToWorklet
  /** Factor on everything, and what of the treble is added to it. */
  | { type: "tone"; gain: number; lift: number }
  /** To be answered by `looked`, with the same arrays. */
  | { type: "look"; look: Look }
  | { type: "record"; isOn: boolean };

/** What the meters stood at since the last look. */
export interface Levels {
  /** Largest sample before the limiter, and after it; of full scale. */
  peak: number;
  outPeak: number;
  /** Root of the mean square, after the limiter. */
  rms: number;
  /** Smallest gain of the limiter; 1 = it did nothing. */
  leastGain: number;
  /** Share of the audio thread's time that was used. */
  load: number;
  /** Notes that sound. */
  sounding: number;
}

/** Audio thread to page. */
export type FromStage =
  | FromWorklet
  | { type: "looked"; look: Look; count: number; levels: Levels }
  /** What was recorded, in order; `isLast` once it has been switched off. */
  | { type: "recorded"; samples: Float32Array; isLast: boolean };

/** The name that the processor registers under. */
export const STAGE_PROCESSOR = "neural-string-stage";
