/**
 * What every kind of string can do, so that `Resonator` plays them alike: a handle in a core, and the exported
 * functions of its kind behind common names.
 */

/** A string of either kind, bound to a core. */
export interface StringVoice {
  /** Samples of the past the string wants. */
  readonly wantedHistory: number;
  /** The fewest samples of the past it can start from. */
  readonly leastHistory: number;
  /** Put a past of `leastHistory` samples or more behind the string. */
  excite(past: Float32Array, guardHeadroom: number): void;
  /** A past without what would go round the loop at 0 Hz, where that is nothing the string should keep. */
  withoutOffset(past: Float32Array): Float32Array;
  /** Silence. Audio thread: allocates nothing. */
  reset(): void;
  /** Render into the core's memory. Audio thread: allocates nothing. @param address f32 x frames */
  render(address: number, frames: number): void;
  /**
   * What the controls are held at, to be read and written: a view of the core's memory, valid until that grows. (A number
   * that is handed to the core as an argument is allocated each time.)
   */
  readonly controls: Float32Array | Float64Array;
  readonly brokenSamples: number;
  readonly guardInterventions: number;
  readonly guardReport: { interventions: number; smallestGain: number };
}
