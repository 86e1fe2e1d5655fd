/**
 * What the page and the audio thread say to each other. `packages/shared` has the same as a schema, and a test holds the
 * two together; this package imports nothing.
 *
 * What is played has a time: `time` is the context's, in seconds; without it, or where it has passed, it happens at the
 * next block. The core's bytes are not among the messages: they travel with the node's options, since the processor
 * compiles them when it is made.
 */
import type { StringModel } from "./model-file.ts";
import type { StringTuning } from "./passive-tuning.ts";

/** To be played, at its time. */
export type PlayMessage = {
  time?: number;
} /** `position` (share of the string, to 0.5) and `cutoff` (Hz): plucked there, so softly; else as it was recorded. */ & (
  | { type: "noteOn"; id: number; f0: number; velocity: number; position?: number; cutoff?: number }
  | { type: "noteOff"; id: number }
  /** Of all notes, or of one. */
  | { type: "bend"; cents: number; id?: number }
  | { type: "damp"; t60: number }
  /** As damp, and the notes to come too. */
  | { type: "mute"; t60: number }
  /** Weigh the second loop, -1 to 1; 0 = as learned. */
  | { type: "polarisation"; mix: number }
  | { type: "soften"; t60: number }
  | { type: "release"; t60: number }
  | { type: "control"; index: number; value: number }
  /** A classic string's feature, or "live" to follow its own sound. */
  | { type: "feature"; index: number; value: number | "live" }
  /** Put recorded samples behind the string and go on from there. */
  | { type: "excite"; past: Float32Array; guardHeadroom: number }
  /** Fade out, within 6 ms. */
  | { type: "stop" }
);

/** Page to audio thread. */
export type ToWorklet =
  /** Prepare a model, read and checked by the page, yet without voices; what sounds goes on until `play`. */
  | { type: "load"; model: StringModel; polyphony: number; releaseT60: number; lowestF0?: number }
  /** So many more voices for the model that was loaded last; `play` makes those that are missing then, all at once. */
  | { type: "prepare"; voices: number }
  /** One more pitch for the model that was loaded last. */
  | { type: "tuning"; tuning: StringTuning }
  /** The model that was loaded last plays from now on; the one before fades out. */
  | { type: "play" }
  | PlayMessage
  /** To be answered once everything before it has arrived. */
  | { type: "sync"; id: number }
  /** The node is not needed any more. */
  | { type: "dispose" };

/** Audio thread to page. */
export type FromWorklet =
  /** Answer to `play`. */
  | { type: "loaded"; sampleRate: number; blockFrames: number }
  /** Answer to `sync`. */
  | { type: "synced"; id: number }
  /** A request could not be met, one sentence; "unknown" where it was none of ours. */
  | { type: "failed"; request: ToWorklet["type"] | "unknown"; reason: string }
  /** What went wrong or was held back since the last report; sent when there is something to say. */
  | { type: "status"; brokenSamples: number; guardInterventions: number };

/** The processor's name carries the version, so that two of them may live in one context. */
export const PROCESSOR_NAME = "neural-string-0.1.0";

/** What the node is made with. */
export interface ProcessorOptions {
  /** A build's bytes. */
  wasm: ArrayBuffer | Uint8Array;
}
