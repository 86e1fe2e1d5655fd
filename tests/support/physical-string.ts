/**
 * Passive strings from physics instead of training: partials at n f0 sqrt(1 + B n^2), a T60 that falls with frequency,
 * and a second loop that is a little out of tune with the first, so that the sound beats and decays in two stages.
 */
import { certifiedGain, growthBound, type PassiveModel } from "@neural-string/core-wasm";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { mulberry32 } from "../reference/random.ts";

export interface PhysicalString {
  /** Hz */
  sampleRate?: number;
  /** Hz */
  f0?: number;
  /** B */
  inharmonicity?: number;
  /** N */
  taps?: number;
  /** C */
  ahead?: number;
  /** T60 of low partials (s), first and second loop; it falls to half at 1 kHz. */
  t60?: [number, number];
  /** Of the second loop against the first. */
  cents?: number;
  /** K; filters beyond the first are more strongly damped and mixed in by a network that listens. */
  filters?: number;
  controls?: number;
  /** Spread of the network's weights: large ones make it switch. */
  spread?: number;
  hop?: number;
  seed?: number;
  /** How far the damping wanders from bin to bin (nepers of its logarithm), as it does in trained strings; default 0. */
  roughness?: number;
  excitationSamples?: number;
  /** Parallel planes, and how much of the pluck the second hears, above 0; default: a cascade. */
  coupled?: number;
}

/** Hz, beyond which dispersion levels off. */
const HIGHEST = 3000;

/** Make a passive string with known partials. */
export function physicalString(options: PhysicalString = {}): PassiveModel {
  const { sampleRate = 44100, f0 = 82.46, inharmonicity = 1e-4, taps = 256, ahead = 190 } = options;
  const { t60 = [12, 4], cents = 0.5, filters = 1, hop = 128, seed = 1, spread = 1 } = options;
  const hidden = filters > 1 ? 8 : 0;
  const controls = filters > 1 ? (options.controls ?? 0) : 0;
  const random = mulberry32(seed);
  const form = new SpectralForm(taps, ahead);
  const rows = 1 + filters;
  const model: PassiveModel = {
    ...{ kind: "passive", sampleRate, f0, taps, ahead, filters, controls, inharmonicity },
    mixture: filters > 1 ? { hidden, hop } : null,
    certificate: { gain: 0, growth: { fromY: 0, fromU: 0 } },
    logDamping: new Float32Array(rows * form.bins),
    phase: new Float32Array(rows * form.bins),
    loopTaps: new Float32Array(rows * taps),
    coupling: new Float32Array(options.coupled === undefined ? 0 : taps),
    hiddenWeight: Float32Array.from({ length: hidden * (2 + controls) }, () => spread * (2 * random() - 1)),
    hiddenBias: Float32Array.from({ length: hidden }, () => random() - 0.5),
    outputWeight: Float32Array.from({ length: filters > 1 ? filters * hidden : 0 }, () => 2 * random() - 1),
    outputBias: new Float32Array(filters > 1 ? filters : 0),
    excitations: [makeExcitation(options.excitationSamples ?? 4000, f0, controls, random)],
  };
  for (let row = 0; row < rows; row++) {
    const tuned = f0 * 2 ** ((row === 0 ? cents : 0) / 1200);
    const decay = row === 0 ? t60[1] : t60[0] / row;
    fillRow(model, form, row, tuned, decay, () => (options.roughness ?? 0) * (2 * random() - 1));
  }
  // a trip later, a little softened
  [0.25, 0.5, 0.25].forEach((h, i) => {
    if (model.coupling.length > 0) model.coupling[ahead - 1 + i] = h * (options.coupled ?? 0);
  });
  model.certificate = certificateOf(model);
  return model;
}

/** The same string with another pluck than its first, and no other. */
export function pluckedWith(model: PassiveModel, samples: Float32Array): PassiveModel {
  return { ...model, excitations: [{ ...model.excitations[0], samples }] };
}

/** A clean low tone at 44.1 kHz, loud to its end: what jumps in a string that it drives stands out. */
export function lowTone(hz: number): Float32Array {
  return Float32Array.from({ length: 9000 }, (_, n) => 0.1 * Math.sin((2 * Math.PI * hz * n) / 44100));
}

/** What a model's taps deserve. */
export function certificateOf(model: PassiveModel): PassiveModel["certificate"] {
  const gains = Array.from({ length: 1 + model.filters }, (_, row) =>
    certifiedGain(model.loopTaps.subarray(row * model.taps, (row + 1) * model.taps)),
  );
  const gain = Math.max(...gains);
  return { gain, growth: gain < 1 ? growthBound(gain) : { fromY: 0, fromU: 0 } };
}

/** T60 at a frequency (s): the low partials', half of it at 1 kHz, and falling on. */
export function t60At(low: number, hz: number): number {
  return low / (1 + (hz / 1000) ** 2);
}

function fillRow(
  model: PassiveModel,
  form: SpectralForm,
  row: number,
  f0: number,
  t60: number,
  wander: () => number,
): void {
  const { sampleRate, taps } = model;
  const bins = form.bins;
  const period = Math.round(sampleRate / model.f0);
  const logDamping = model.logDamping.subarray(row * bins, (row + 1) * bins);
  const phase = model.phase.subarray(row * bins, (row + 1) * bins);
  for (let k = 0; k < bins; k++) {
    const hz = (k * sampleRate) / taps;
    const damping = Math.log(1000) / (t60At(t60, hz) * model.f0);
    logDamping[k] = Math.log(Math.min(damping, 3)) + wander();
    // a partial at hz has made n turns per trip, n the partial's number: what n falls short of hz / f0 is dispersion
    // (a filter of N taps cannot bring the highest ones as early as they would come: they stay where it can)
    const held = HIGHEST * Math.tanh(hz / HIGHEST);
    const turns = held / f0 - partialNumber(held, f0, model.inharmonicity ?? 0);
    const detune = hz / model.f0 - hz / f0;
    phase[k] = 2 * Math.PI * (turns - detune + (hz / sampleRate) * period - hz / model.f0);
  }
  const h = form.tapsOf({ logDamping: Float64Array.from(logDamping), phase: Float64Array.from(phase) });
  model.loopTaps.set(h, row * taps);
}

/** n, not whole, with n f0 sqrt(1 + B n^2) = hz. */
function partialNumber(hz: number, f0: number, inharmonicity: number): number {
  if (inharmonicity === 0) return hz / f0;
  const x = (hz / f0) ** 2;
  return Math.sqrt((Math.sqrt(1 + 4 * inharmonicity * x) - 1) / (2 * inharmonicity));
}

/** A short burst of low-passed noise with a comb: a pluck near an end of the string. */
function makeExcitation(length: number, f0: number, controls: number, random: () => number) {
  let low = 0;
  const samples = Float32Array.from({ length }, (_, n) => {
    low += 0.3 * ((2 * random() - 1) * Math.exp(-n / 150) - low);
    return low * 0.5;
  });
  return { name: "burst", f0, level: -20, samples, controls: new Array<number>(controls).fill(0) };
}
