/**
 * How a passive string's network mixes the filters of the first loop while it plays, and the level it hears: one plot
 * under the other, over the same stretches of time.
 */
import { finite } from "../measure/comparison.ts";
import { filterLine, type LinePlot, rounded, runs } from "./plots.ts";
import type { JudgedSound } from "./sound-plots.ts";

/** The weights of one render, as the string computed them. */
export interface MixtureWeights {
  /** Samples for which each row of weights held. */
  hop: number;
  /** K */
  filters: number;
  /** [hops, filters], s_k from the render's first sample on; the squares of a row sum to 1. */
  values: Float32Array;
}

/** Shares of the filters over time, and the level below. */
export interface MixturePlots {
  shares: LinePlot;
  level: LinePlot;
}

/** Most stretches, and the shortest of them: two periods of a low string (s). */
const STRETCHES = 400;
const SHORTEST_SECONDS = 0.025;
/** Where the picture of the level ends below (dB). */
const FLOOR_DB = -100;

/**
 * Make the plots of one judgement.
 * @param sound already cut to what was compared
 * @param pointer name under which the two plots share their pointer
 * @returns null with one filter, and where there are no weights or no sound
 */
export function mixturePlots(
  sound: JudgedSound,
  weights: MixtureWeights | undefined,
  pointer: string,
): MixturePlots | null {
  if (weights === undefined || weights.filters < 2 || !(weights.hop >= 1)) return null;
  const { sampleRate, render } = sound;
  const { hop, filters, values } = weights;
  const hops = Math.min(Math.floor(values.length / filters), Math.ceil(render.length / hop));
  const most = Math.max(1, Math.min(STRETCHES, Math.floor((hops * hop) / (SHORTEST_SECONDS * sampleRate))));
  const stretches = runs(hops, most);
  if (stretches.length === 0) return null;
  const x = { label: "time (s)" };
  const xs = stretches.map(([start, end]) => rounded((((start + end) / 2) * hop) / sampleRate, 5) ?? 0);
  const shares: LinePlot = {
    x,
    y: { label: "share s² of each filter", min: 0, max: 1 },
    xs,
    series: Array.from({ length: filters }, (_, k) => ({
      ...filterLine(k + 1, filters),
      values: stretches.map(([start, end]) =>
        rounded(meanSquare(start, end, (i) => values[i * filters + k])),
      ),
    })),
    stacked: true,
    pointer,
  };
  const inSamples = stretches.map(([start, end]): [number, number] => [
    start * hop,
    Math.min(end * hop, render.length),
  ]);
  return { shares, level: { x, xs, ...levels(sound, inSamples), pointer, low: true } };
}

/** RMS of recording and render in each stretch, relative to the recording's loudest. */
function levels({ target, render }: JudgedSound, stretches: readonly [number, number][]) {
  const [recording, played] = [target, render].map((sound) => {
    const samples = finite(sound);
    return stretches.map(([start, end]) => meanSquare(start, end, (n) => samples[n]));
  });
  const loudest = Math.max(...recording) || 1;
  const inDb = (power: number[]) =>
    power.map((p) => Math.max(FLOOR_DB, rounded(10 * Math.log10(p / loudest)) ?? FLOOR_DB));
  const [recordingDb, playedDb] = [inDb(recording), inDb(played)];
  const all = [...recordingDb, ...playedDb];
  const y = {
    label: "level (dB)",
    min: 10 * Math.floor(Math.min(-10, ...all) / 10),
    max: Math.max(5, ...all),
  };
  const series: LinePlot["series"] = [
    { label: "recording", values: recordingDb, ink: "target" },
    { label: "render", values: playedDb, ink: "render", style: "dashed" },
  ];
  return { y, series };
}

function meanSquare(start: number, end: number, at: (i: number) => number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += at(i) ** 2;
  return sum / (end - start);
}
