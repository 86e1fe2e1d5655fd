/** A recording that a string is to be made of, as the page keeps it. */

/** Instead of a hash that this page may not compute. */
export const NO_HASH = "";

/** First sample, and the one after the last. */
export interface Stretch {
  start: number;
  end: number;
}

/** What was decoded of a file, or heard by the microphone. */
export interface Sound {
  name: string;
  /** Hz, the file's own. */
  sampleRate: number;
  /** [samples] of the first channel, full scale ±1. */
  samples: Float32Array;
  /** Of the file's bytes; null where this page may not compute one (without https). */
  sha256: string | null;
  /** What decoding had to say, each a sentence. */
  notes: string[];
}

export interface Take extends Sound {
  id: string;
  origin: "file" | "microphone";
  /** What of it is learned from; null = from the note's onset to the end of sound. */
  stretch: Stretch | null;
  /** Hz, where the person states it. */
  f0: number | null;
}
