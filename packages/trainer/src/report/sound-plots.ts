/**
 * What a render and its target look like: energy decay relief and curve, averaged spectrum, T60 per partial. Computed
 * in Node with the same functions the metrics use, over the same stretch, so that a plot never contradicts a number.
 */
import type { Judgement } from "@neural-string/shared";
import { finite } from "../measure/comparison.ts";
import {
  type EnergyDecayRelief,
  energyDecayCurve,
  energyDecayCurveDb,
  energyDecayRelief,
  energyDecayReliefDb,
  integratedNoise,
  loudestCell,
} from "../measure/energy-decay.ts";
import { noiseFloor } from "../measure/noise-floor.ts";
import { magnitudes } from "../measure/stft.ts";
import type { FilterCurves } from "./loop-filters.ts";
import { type HeatMap, type LinePlot, rounded, type Series } from "./plots.ts";
import { t60Plot } from "./t60-plot.ts";

/** The sounds of one judgement: a recording, the model's render, and perhaps a plain Karplus-Strong string. */
export interface JudgedSound {
  /** Name of the recording. */
  recording: string;
  /** Hz, of all of them. */
  sampleRate: number;
  /** [samples] from the instant at which the render starts; may run on to the recording's end. */
  target: Float32Array;
  /** [samples] */
  render: Float32Array;
  /** [samples] */
  karplusStrong?: Float32Array;
}

/** The pictures of one judgement; null where the sound is too short or nothing could be followed. */
export interface SoundPlots {
  relief: { target: HeatMap; render: HeatMap; difference: HeatMap } | null;
  curve: LinePlot | null;
  spectrum: LinePlot | null;
  t60: LinePlot | null;
}

const FRAMES = 200;
const CURVE_POINTS = 400;
/** Longest transform of the averaged spectrum: 2.7 Hz per bin at 44.1 kHz, a low string's partials stand apart. */
const SPECTRUM_SIZE = 16384;
/** Points per spectrum; the loudest bin of each is drawn, so that a partial keeps its level. */
const SPECTRUM_POINTS = 600;
const SPECTRUM_LOWEST = 30;
/** Where the pictures end below: the EDR error looks no deeper (dB). */
const FLOOR_DB = -80;
/** The part of a decay curve that its end does not bend yet. */
const BEFORE_THE_END = 0.97;
/** The difference map's ends: anything beyond is simply wrong (dB). */
const DIFFERENCE_DB = 20;
/** How far above the recording a render is followed before it leaves the picture (dB). */
const HIGHEST_DB = 60;

/** Cut a judgement's sounds to the stretch that was compared. */
export function comparedStretch(sound: JudgedSound, judgement: Judgement): JudgedSound {
  const { target, render, karplusStrong, sampleRate } = sound;
  const length = Math.min(target.length, render.length, Math.round(judgement.metrics.seconds * sampleRate));
  const cut = (x: Float32Array) => x.subarray(0, length);
  return {
    ...sound,
    target: cut(target),
    render: cut(render),
    ...(karplusStrong && { karplusStrong: cut(karplusStrong) }),
  };
}

/** Make the pictures of one judgement. @param filters of a passive string, drawn beside the partials' T60 */
export function soundPlots(
  sound: JudgedSound,
  judgement: Judgement,
  filters: FilterCurves | null = null,
): SoundPlots {
  const { sampleRate, ...cut } = comparedStretch(sound, judgement);
  const signals = [
    { label: "recording", ink: "target" as const, x: finite(cut.target) },
    { label: "render", ink: "render" as const, x: finite(cut.render) },
    ...(cut.karplusStrong
      ? [{ label: "plain Karplus-Strong", ink: "karplus" as const, x: finite(cut.karplusStrong) }]
      : []),
  ];
  const isSilent = signals[0].x.every((value) => value === 0);
  return {
    relief: isSilent ? null : reliefMaps(sound, judgement, signals[0].x, signals[1].x),
    curve: isSilent ? null : curvePlot(signals, sampleRate),
    spectrum: isSilent ? null : spectrumPlot(signals, sampleRate),
    t60: t60Plot(judgement.metrics.partials, filters),
  };
}

interface LabelledSignal extends Pick<Series, "label" | "ink"> {
  x: Float64Array;
}

/**
 * The three heat maps; in the difference only the cells that the EDR error counts.
 * @param x target and @param y render, over the stretch that was compared
 */
export function reliefMaps(
  { target, sampleRate }: Pick<JudgedSound, "target" | "sampleRate">,
  { f0, metrics }: Pick<Judgement, "f0" | "metrics">,
  x: Float64Array,
  y: Float64Array,
): SoundPlots["relief"] {
  const relief = energyDecayRelief(x, sampleRate);
  if (relief.frames < 2) return null;
  const reference = loudestCell(relief);
  const targetDb = energyDecayReliefDb(relief, reference);
  const renderDb = energyDecayReliefDb(energyDecayRelief(y, sampleRate), reference);
  const noise = noiseFloor(finite(target), sampleRate, f0, metrics.seconds);
  const hiss = integratedNoise(noise(2048), sampleRate, relief.frames);
  const difference = targetDb.map((level, i) => {
    const counts = level > -60 && level > 10 * Math.log10(hiss[i] / reference) + 10;
    return counts ? Math.max(renderDb[i], FLOOR_DB) - Math.max(level, FLOOR_DB) : Number.NaN;
  });
  const level = { kind: "level" as const, min: FLOOR_DB, max: 0 };
  const apart = { kind: "difference" as const, min: -DIFFERENCE_DB, max: DIFFERENCE_DB };
  return {
    target: { ...level, ...cells(relief, targetDb, sampleRate) },
    render: { ...level, ...cells(relief, renderDb, sampleRate) },
    difference: { ...apart, ...cells(relief, difference, sampleRate) },
  };
}

/** Pick at most FRAMES frames, leave out bands beyond Nyquist, round to tenths of a dB. */
function cells({ frames, bands, edges, times }: EnergyDecayRelief, db: Float64Array, sampleRate: number) {
  const columns = Math.min(frames, FRAMES);
  const rows = Array.from({ length: bands }, (_, band) => band).filter(
    (band) => edges[band] < sampleRate / 2,
  );
  const values = rows.flatMap((band) =>
    Array.from({ length: columns }, (_, column) => {
      const value = db[band * frames + Math.floor(((column + 0.5) * frames) / columns)];
      return Number.isFinite(value) ? Math.round(10 * Math.max(-150, Math.min(150, value))) / 10 : null;
    }),
  );
  const seconds = rounded(times[frames - 1]) ?? 0;
  return {
    seconds,
    frames: columns,
    edges: Array.from(edges.subarray(0, rows.length + 1), Math.round),
    values,
  };
}

function curvePlot(signals: LabelledSignal[], sampleRate: number): LinePlot | null {
  const length = Math.min(...signals.map(({ x }) => x.length));
  if (length < 2) return null;
  const reference = energyDecayCurve(signals[0].x)[0];
  const points = Math.min(length, CURVE_POINTS);
  const at = Array.from({ length: points }, (_, i) => Math.floor((i * (length - 1)) / (points - 1)));
  const series = signals.map(({ label, ink, x }) => {
    const curve = energyDecayCurveDb(energyDecayCurve(x), reference);
    return { label, ink, style: lineOf(ink), values: at.map((n) => rounded(curve[n], 4)) };
  });
  return {
    x: { label: "time (s)" },
    y: { label: "energy still to come (dB)", min: bottomOf(series), max: topOf(series) },
    xs: at.map((n) => rounded(n / sampleRate, 5) ?? 0),
    series,
  };
}

/**
 * Where the picture of decay curves ends below: under the lowest of them shortly before the end, where all of them
 * plunge, since what came after the stretch is not counted.
 */
function bottomOf(series: Series[]): number {
  const late = series.flatMap(({ values }) => values[Math.floor(BEFORE_THE_END * (values.length - 1))] ?? []);
  return Math.max(FLOOR_DB, Math.min(0, ...late) - 10);
}

/** Where a picture in dB ends above: a little over 0, or over what is louder than the recording. */
function topOf(series: Series[]): number {
  const highest = series
    .flatMap(({ values }) => values)
    .reduce<number>((top, v) => Math.max(top, v ?? top), 0);
  return Math.min(HIGHEST_DB, highest + 5);
}

function spectrumPlot(signals: LabelledSignal[], sampleRate: number): LinePlot | null {
  const length = Math.min(...signals.map(({ x }) => x.length));
  const size = Math.min(SPECTRUM_SIZE, 2 ** Math.floor(Math.log2(Math.max(1, length))));
  if (size < 512) return null;
  const powers = signals.map(({ x }) => averagePower(x, size));
  const peak = powers[0].reduce((most, power) => Math.max(most, power), 0);
  const highest = Math.min(20000, sampleRate / 2);
  const groups = logGroups(size, sampleRate, highest);
  const series = signals.map(({ label, ink }, i) => ({
    label,
    ink,
    style: lineOf(ink),
    values: groups.map(([first, end]) => {
      const loudest = powers[i].subarray(first, end).reduce((most, power) => Math.max(most, power), 0);
      return rounded(Math.max(-140, 10 * Math.log10(loudest / peak)), 4);
    }),
  }));
  return {
    x: { label: "frequency (Hz)", log: true },
    y: { label: "average level (dB)", min: -110, max: topOf(series) },
    xs: groups.map(([first, end]) => rounded((((first + end - 1) / 2) * sampleRate) / size, 5) ?? 0),
    series,
  };
}

/** Mean power per bin over all frames, half overlapping. */
function averagePower(x: Float64Array, size: number): Float64Array {
  const { frames, bins, values } = magnitudes(x, size, size / 2);
  const power = new Float64Array(bins);
  for (let i = 0; i < values.length; i++) power[i % bins] += (values[i] * values[i]) / frames;
  return power;
}

/** Bins that share a point on a logarithmic axis: [first, end); where points are denser than bins, each bin has its own. */
function logGroups(size: number, sampleRate: number, highest: number): [first: number, end: number][] {
  const groups: [number, number][] = [];
  let first = Math.max(1, Math.ceil((SPECTRUM_LOWEST * size) / sampleRate));
  for (let point = 1; point <= SPECTRUM_POINTS; point++) {
    const edge = SPECTRUM_LOWEST * (highest / SPECTRUM_LOWEST) ** (point / SPECTRUM_POINTS);
    const end = Math.min(size / 2 + 1, Math.floor((edge * size) / sampleRate) + 1);
    if (end <= first) continue;
    groups.push([first, end]);
    first = end;
  }
  return groups;
}

/** Overlapping curves are told apart by more than colour. */
function lineOf(ink: Series["ink"]): Series["style"] {
  return ink === "target" ? "line" : "dashed";
}
