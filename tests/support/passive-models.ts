/**
 * Small random passive strings that keep their certificate, as files and as the core plays them: smooth spectra
 * around a harmonic string, each filter scaled to the gain the model claims; in cascade or parallel.
 */
import { certifiedGain, growthBound, type PassiveModel } from "@neural-string/core-wasm";
import { type ModelFile, type PassiveHeader, passiveLayout, type Tensor } from "@neural-string/shared";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { bindPassive } from "@neural-string/trainer/passive-file";
import { mulberry32 } from "../reference/random.ts";

export interface PassiveModelOptions {
  /** Hz */
  sampleRate?: number;
  /** Hz */
  f0?: number;
  /** N */
  taps?: number;
  /** C; where it nears 0 or N - 1 the taps' fade eats into the peak. */
  ahead?: number;
  /** K */
  filters?: number;
  /** Units of the mixture's network, its hop; neither counts with one filter. */
  hidden?: number;
  hop?: number;
  /** 0 with one filter. */
  controls?: number;
  /** How many excitations, each of two periods. */
  excitations?: number;
  seed?: number;
  /** The certificate's. */
  gain?: number;
  /** Gain of a random coupling filter, 0 .. 1: the loops are parallel planes; default: a cascade. */
  coupling?: number;
}

/** A passive model's file, and the same as the core plays it. */
export interface MadePassiveModel {
  header: PassiveHeader;
  tensors: ModelFile["tensors"];
  model: PassiveModel;
}

/**
 * Make a random passive string. Every filter's certified gain lies within 1e-6 below the claim; further below only
 * where the taps' fade (16 at either end) eats into the peak at C.
 */
export function makePassiveModel(options: PassiveModelOptions = {}): MadePassiveModel {
  const { sampleRate = 8000, f0 = 160.5, taps = 32, filters = 1, hidden = 6, hop = 64, seed = 1 } = options;
  const { gain = 0.99, excitations = 1 } = options;
  const period = Math.round(sampleRate / f0);
  const ahead = options.ahead ?? Math.min(taps / 2, period - 1);
  const random = mulberry32(seed);
  const header: PassiveHeader = {
    schema: 1,
    kind: "passive",
    name: `random ${seed}`,
    sampleRate,
    f0,
    taps,
    ahead,
    filters,
    mixture: filters > 1 ? { hidden, hop } : null,
    controls: filters > 1 ? (options.controls ?? 0) : 0,
    inharmonicity: 1e-4,
    ...(options.coupling === undefined ? {} : { parallel: true }),
    certificate: { gain, growth: growthBound(gain) },
    excitations: Array.from({ length: excitations }, (_, i) => {
      const controls = Array.from(
        { length: filters > 1 ? (options.controls ?? 0) : 0 },
        () => 2 * random() - 1,
      );
      return { name: `pluck ${i}`, f0, level: -20 + 3 * i, samples: 2 * period, controls };
    }),
  };
  const parts = { ...makeFilters(header, random), ...makeRest(header, random) };
  if (options.coupling !== undefined) parts["filters.coupling"] = makeCoupling(taps, options.coupling, seed);
  const tensors = new Map<string, Tensor>(
    passiveLayout(header).map(({ name, shape }) => [name, { shape, data: parts[name] }]),
  );
  return { header, tensors, model: bindPassive({ header, tensors }) };
}

/** Spectra and the taps that follow from them, a row per filter. */
function makeFilters(header: PassiveHeader, random: () => number): Record<string, Float32Array> {
  const { sampleRate, f0, taps, ahead, filters, certificate } = header;
  const form = new SpectralForm(taps, ahead);
  const rows = 1 + filters;
  const logDamping = new Float32Array(rows * form.bins);
  const phase = new Float32Array(rows * form.bins);
  const loopTaps = new Float32Array(rows * taps);
  for (let row = 0; row < rows; row++) {
    const wave = smoothWave(random);
    const bend = smoothWave(random);
    const steepness = 0.02 + 0.3 * random();
    const damping = Float64Array.from({ length: form.bins }, (_, k) => {
      const x = k / (form.bins - 1);
      return (0.003 + steepness * x * x) * Math.exp(0.5 * wave(x));
    });
    // what the period's fraction asks for, and some dispersion that leaves 0 Hz alone
    const turn = (2 * Math.PI) / taps;
    const fraction = Math.round(sampleRate / f0) - sampleRate / f0;
    const angles = phase.subarray(row * form.bins, (row + 1) * form.bins);
    for (let k = 0; k < form.bins; k++) {
      const x = k / (form.bins - 1);
      angles[k] = turn * k * fraction + x * (0.4 + 0.4 * bend(x));
    }
    const logOf = (extra: number) => Float64Array.from(damping, (d) => Math.log(Math.max(1e-6, d + extra)));
    const tapsOf = (extra: number) =>
      Float32Array.from(form.tapsOf({ logDamping: logOf(extra), phase: Float64Array.from(angles) }));
    // a broadband factor is more damping everywhere; a hair more, for what float32 rounds
    const extra = Math.log(certifiedGain(tapsOf(0)) / certificate.gain) + 5e-7;
    logDamping.set(logOf(extra), row * form.bins);
    loopTaps.set(tapsOf(extra), row * taps);
  }
  return { "filters.logDamping": logDamping, "filters.phase": phase, "filters.taps": loopTaps };
}

/** A random coupling filter of a gain; of numbers of its own, so that the rest is that of the cascade. */
function makeCoupling(taps: number, gain: number, seed: number): Float32Array {
  const random = mulberry32(seed + 1000);
  const noise = Float32Array.from({ length: taps }, () => 2 * random() - 1);
  // a hair less, for what float32 rounds
  const factor = (gain * (1 - 1e-6)) / certifiedGain(noise);
  return noise.map((h) => factor * h);
}

/** The mixture's weights, large enough that the mixture moves, and plucks: fading noise. */
function makeRest(header: PassiveHeader, random: () => number): Record<string, Float32Array> {
  const spread = (length: number, most: number) =>
    Float32Array.from({ length }, () => most * (2 * random() - 1));
  const parts: Record<string, Float32Array> = {};
  for (const { name, size } of passiveLayout(header)) {
    if (name.startsWith("mixture.")) parts[name] = spread(size, name.endsWith("bias") ? 0.3 : 1.5);
    if (name.startsWith("excitations.")) {
      parts[name] = spread(size, 0.3).map((x, n) => x * (1 - n / size) ** 2);
    }
  }
  return parts;
}

/** A random smooth function on 0 .. 1, within -1 .. 1. */
function smoothWave(random: () => number): (x: number) => number {
  const parts = [1, 2, 3].map((n) => ({ n, weight: (2 * random() - 1) / 3, at: random() }));
  return (x) => parts.reduce((sum, { n, weight, at }) => sum + weight * Math.cos(Math.PI * n * (x - at)), 0);
}
