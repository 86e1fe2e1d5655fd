/**
 * The first layer of a classic string's network: each hidden unit is an FIR filter over the taps before its nonlinearity
 * bends what comes out. Its weights over the delays, and what they let through at each frequency.
 */
import { type ClassicHeader, type ModelFile, tapDelays } from "@neural-string/shared";
import { gainAt } from "./loop-filters.ts";
import { type LinePlot, positive, rounded, type Series } from "./plots.ts";

/** What the pictures are made of. */
export interface FirstLayer {
  /** [units, inputs]; the taps come first. */
  weight: Float32Array;
  units: number;
  /** Samples, of the taps in the order of the inputs. */
  delays: Int32Array;
  /** Hz */
  sampleRate: number;
  f0: number;
}

export interface WeightPlots {
  taps: LinePlot;
  responses: LinePlot;
  /** Null with one unit. */
  sizes: LinePlot | null;
  /** How many units are drawn: the largest. */
  shown: number;
}

/** Units that are drawn: six colours, then the same dashed. */
const MOST_UNITS = 12;
const COLOURS = 6;
const POINTS = 300;

/** The first layer of a model file; null of a passive string's, and where it has none. */
export function firstLayer({ header, tensors }: ModelFile): FirstLayer | null {
  const weight = tensors.get("layers.0.weight");
  if (header.kind !== "classic" || weight === undefined || weight.shape.length !== 2) return null;
  const { tapPattern, sampleRate, f0 } = header as ClassicHeader;
  const delays = tapDelays(tapPattern, sampleRate, f0);
  return { weight: weight.data, units: weight.shape[0], delays, sampleRate, f0 };
}

/** Units by the RMS of their tap weights, the largest first. */
export function unitsBySize(layer: FirstLayer): { unit: number; rms: number }[] {
  return Array.from({ length: layer.units }, (_, unit) => {
    const weights = tapWeights(layer, unit);
    const energy = weights.reduce((sum, w) => sum + w * w, 0);
    return { unit, rms: Math.sqrt(energy / weights.length) };
  }).sort((a, b) => b.rms - a.rms || a.unit - b.unit);
}

/** Gain of a unit's taps, before its activation. @param frequencies Hz */
export function unitResponse(layer: FirstLayer, unit: number, frequencies: readonly number[]): number[] {
  const { delays, sampleRate } = layer;
  const filter = new Float64Array(1 + delays.reduce((most, delay) => Math.max(most, delay), 0));
  tapWeights(layer, unit).forEach((w, t) => {
    filter[delays[t]] += w;
  });
  return frequencies.map((frequency) => gainAt(filter, (2 * Math.PI * frequency) / sampleRate));
}

/** Make the plots. */
export function weightPlots(layer: FirstLayer): WeightPlots {
  const { delays, sampleRate, f0 } = layer;
  const sorted = unitsBySize(layer);
  const drawn = sorted.slice(0, MOST_UNITS);
  const order = Array.from(delays, (_, t) => t).sort((a, b) => delays[a] - delays[b]);
  const [low, high] = [f0 / 2, sampleRate / 2];
  const frequencies = Array.from({ length: POINTS }, (_, i) => low * (high / low) ** (i / (POINTS - 1)));
  return {
    taps: {
      x: { label: "delay of the tap (samples)" },
      y: { label: "weight" },
      xs: order.map((t) => delays[t]),
      series: drawn.map(({ unit }, i) => ({
        ...unitLine(unit, i),
        values: order.map((t) => rounded(tapWeights(layer, unit)[t])),
      })),
    },
    responses: {
      x: { label: "frequency (Hz)", log: true },
      y: { label: "gain of the taps", log: true },
      xs: frequencies.map((frequency) => rounded(frequency, 5) ?? 0),
      series: drawn.map(({ unit }, i) => ({
        ...unitLine(unit, i),
        values: unitResponse(layer, unit, frequencies).map(positive),
      })),
    },
    sizes:
      layer.units === 1
        ? null
        : {
            x: { label: "hidden units, the largest first" },
            y: { label: "RMS of the tap weights" },
            xs: sorted.map((_, i) => i + 1),
            series: [
              {
                label: "a unit",
                values: sorted.map(({ rms }) => rounded(rms)),
                ink: "render",
                style: "points",
              },
            ],
          },
    shown: drawn.length,
  };
}

function tapWeights({ weight, units, delays }: FirstLayer, unit: number): Float32Array {
  const inputs = weight.length / units;
  return weight.subarray(unit * inputs, unit * inputs + delays.length);
}

function unitLine(unit: number, i: number): Pick<Series, "label" | "ink" | "style"> {
  const colour = (1 + (i % COLOURS)) as 1 | 2 | 3 | 4 | 5 | 6;
  return { label: `unit ${unit + 1}`, ink: `filter-${colour}`, style: i < COLOURS ? "line" : "dashed" };
}
