/** One of the hardest examples as the report shows it: what the string was given, what it should have done, what it did. */
import { wav16 } from "../player-sound.ts";
import { type LinePlot, rounded } from "../plots.ts";
import type { WorstExample } from "./worst.ts";

export interface ShownExample extends WorstExample {
  /** Samples of the recording around its target. */
  recorded: Float32Array;
  /** Index of the target among them. */
  target: number;
  /** Delays of the taps that a classic string is given (samples); null where it hears all of its past. */
  delays: Int32Array | null;
  /** What the string does from there, on its own, beginning with the prediction of the target. */
  predicted: Float32Array;
  /** The place in the recording, some tenths of a second. */
  sound: Float32Array;
  /** Hz */
  sampleRate: number;
}

/** Peak of what is played, so that a place in the quietest tail is heard. */
const PEAK = 0.7;
const MOST_GAIN = 1e5;

/** Draw it. */
export function examplePlot({ recorded, target, delays, predicted }: ShownExample): LinePlot {
  const offsets = Array.from(recorded, (_, n) => n - target);
  const given = new Set(Array.from(delays ?? [], (delay) => -delay));
  const only = (offset: number, value: number) =>
    offsets.map((other) => (other === offset ? rounded(value) : null));
  const series: LinePlot["series"] = [
    { label: "recording", values: Array.from(recorded, (x) => rounded(x)), ink: "target" },
    {
      label: "render",
      values: offsets.map((offset) => (offset in predicted ? rounded(predicted[offset]) : null)),
      ink: "render",
      style: "dashed",
      gaps: true,
    },
    { label: "target", values: only(0, recorded[target]), ink: "target", style: "marks" },
    { label: "prediction", values: only(0, predicted[0]), ink: "render", style: "marks" },
  ];
  if (delays !== null) {
    series.splice(1, 0, {
      label: "taps",
      values: offsets.map((offset) => (given.has(offset) ? rounded(recorded[offset + target]) : null)),
      ink: "ink",
      style: "dots",
    });
  }
  return {
    x: { label: "samples from the target" },
    y: { label: "amplitude" },
    xs: offsets,
    series,
    low: true,
  };
}

/** The place as a sound, as loud as others. @returns a data URI */
export function exampleSound({ sound, sampleRate }: ShownExample): string {
  const peak = sound.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const gain = Math.min(MOST_GAIN, PEAK / Math.max(peak, 1e-12));
  return `data:audio/wav;base64,${wav16(sound, gain, sampleRate).toString("base64")}`;
}
