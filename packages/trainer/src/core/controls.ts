/**
 * The controls of a classic string: what they mean for the recordings at hand, and their value for one of them. Used
 * in training, and by whoever plays a recording's first samples and wants the controls to fit.
 */
import type { ControlConfig, ControlMeaning } from "@neural-string/shared";

/** What is known of a note. */
export interface NoteFacts {
  /** Hz */
  f0: number;
  /** Level of its first four periods (dB of full scale). */
  startDb: number;
}

/** Recordings that lie closer to a string's pitch than this are of that note; others of another (cents). */
export const ONE_NOTE_CENTS = 40;

/** Periods that tell how hard a string was struck. */
const START_PERIODS = 4;
/** dB that a velocity of 1 lies above the mean. */
const VELOCITY_DB = 20;

/**
 * Level of a note's first four periods.
 * @param samples from the onset on
 * @returns dB of full scale; -180 for silence
 */
export function startLevelDb(samples: Float32Array, sampleRate: number, f0: number): number {
  const first = samples.subarray(0, Math.round((START_PERIODS * sampleRate) / f0));
  const power = first.reduce((sum, x) => sum + x * x, 0) / Math.max(1, first.length);
  return 10 * Math.log10(power + 1e-18);
}

/** Fit the controls that a config asks for to the notes they are trained on. */
export function controlMeanings(
  controls: readonly ControlConfig[],
  notes: readonly NoteFacts[],
): ControlMeaning[] {
  const meanDb = notes.reduce((sum, { startDb }) => sum + startDb, 0) / notes.length;
  return controls.map((control) => (control.kind === "velocity" ? { kind: "velocity", meanDb } : control));
}

/**
 * The controls' values for a note.
 * @param f0 Hz, of the model
 */
export function controlValues(meanings: readonly ControlMeaning[], note: NoteFacts, f0: number): number[] {
  return meanings.map((meaning) => controlValue(meaning, note, f0));
}

function controlValue(meaning: ControlMeaning, note: NoteFacts, f0: number): number {
  switch (meaning.kind) {
    case "constant":
      return meaning.value;
    case "note":
      return Math.log2(note.f0 / f0);
    case "velocity":
      return (note.startDb - meaning.meanDb) / VELOCITY_DB;
  }
}
