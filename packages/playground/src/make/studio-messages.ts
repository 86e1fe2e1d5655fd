/** What the page asks its listening worker, and what that answers. */
import type { Preflight } from "./preflight.ts";
import type { SourceFile, Statement } from "./statement.ts";
import type { Sound, Stretch } from "./take.ts";

/** By the name of what is asked: the question, and its answer. */
export interface Studio {
  /** Load what decodes compressed files, so that nothing is fetched later. */
  warm: { ask: Record<never, never>; answer: null };
  /** Decode a file. */
  decode: { ask: { name: string; bytes: Uint8Array }; answer: Sound };
  /** A plucked string from a formula, for whoever has no recording at hand. */
  example: { ask: { wasm: ArrayBuffer }; answer: Sound };
  /** The hash of a file. */
  hash: { ask: { bytes: Uint8Array }; answer: string | null };
  /** Look at a recording. */
  preflight: {
    ask: { samples: Float32Array; sampleRate: number; stretch: Stretch | null; f0: number | null };
    answer: Preflight;
  };
  /** Let a model sound, after its own first pluck, as `pnpm render` does. */
  render: {
    ask: { wasm: ArrayBuffer; model: Uint8Array; f0: number | null; seconds: number };
    answer: { samples: Float32Array; sampleRate: number };
  };
  /** Write down where a model comes from. */
  state: {
    ask: { model: Uint8Array; statement: Statement; sources: SourceFile[] };
    answer: Uint8Array;
  };
  /** What a model is, once its certificate was verified. */
  open: {
    ask: { model: Uint8Array; name: string };
    answer: { name: string; f0: number; sampleRate: number };
  };
}

export type StudioName = keyof Studio;

export type ToStudio = {
  [Name in StudioName]: { job: number; name: Name; ask: Studio[Name]["ask"] };
}[StudioName];

export type FromStudio =
  | { job: number; answer: Studio[StudioName]["answer"] }
  /** One sentence; ours = a defect of this site. */
  | { job: number; reason: string; isOurs: boolean };
