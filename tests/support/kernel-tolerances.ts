/**
 * How close every kernel of the core must come to its float64 reference, on every build: the one table. Tests take
 * their limits from here, and packages/core-wasm/README.md quotes it (kernel-tolerances.test.ts holds the two together).
 */

export interface Tolerance {
  /** File of assembly/, and what of it. */
  kernel: string;
  /** All files of assembly/ whose arithmetic is in what is compared. */
  files: readonly string[];
  limit: number;
  /** What the limit is of: the largest difference of one number, or the RMS of the difference over that of the sound. */
  of: "number" | "of the loudest sample, or of 1" | "dB" | "of the slope";
  /** Why not closer. */
  reason: string;
}

export const TOLERANCES = {
  tanh: {
    kernel: "activation: tanh",
    files: ["activation"],
    limit: 6e-7,
    of: "number",
    reason: "the fit's 1.8e-7, and ten roundings near 1",
  },
  tanhBetweenLayers: {
    kernel: "activation: tanh between layers of tiles",
    files: ["activation"],
    limit: 1.8e-6,
    of: "number",
    reason:
      "the fit's 1e-6 (1.2e-6 where it is clamped), chosen for its few operations, and roundings near 1",
  },
  exactActivations: {
    kernel: "activation: relu, linear",
    files: ["activation"],
    limit: 0,
    of: "number",
    reason: "nothing is rounded",
  },
  linearNetwork: {
    kernel: "dense: 5 taps, no hidden layer, 8 samples",
    files: ["dense", "lanes"],
    limit: 1e-7,
    of: "number",
    reason: "5 products and 5 sums of numbers below 0.5, half an ulp each",
  },
  wideNetwork: {
    kernel: "mlp: 84 taps, 1500 tanh neurons, 8 samples",
    files: ["dense", "mlp", "activation"],
    limit: 2e-6,
    of: "number",
    reason: "tanh, and sums of 84, through 1500 output weights of RMS sum 0.8; four chains of 375 sums",
  },
  deepNetwork: {
    kernel: "mlp: three hidden layers of 64, 8 samples",
    files: ["dense", "mlp"],
    limit: 1e-6,
    of: "number",
    reason: "tanh three times, each passed on by a layer of gain below 1",
  },
  anyNetwork: {
    kernel: "mlp, mlp-precise: any shape, up to 100 samples",
    files: ["dense", "mlp", "mlp-precise"],
    limit: 2e-5,
    of: "of the loudest sample, or of 1",
    reason:
      "tanh reaches the output through weights of RMS sum about 1 a layer; ten times that is a wide margin",
  },
  classicLoop: {
    kernel: "classic-string: 1 s in the loop",
    files: ["classic-string", "history"],
    limit: -80,
    of: "dB",
    reason: "the design's parity; sums of up to 1500 in float32",
  },
  nearLoop: {
    kernel: "classic-string: taps 1 and 2 alone, 1 s",
    files: ["classic-string", "mlp-precise"],
    limit: -120,
    of: "dB",
    reason: "float64 on both sides; what is left is the rounding of what is heard",
  },
  classicGolden: {
    kernel: "classic-string: the origin's network, 5 s",
    files: ["classic-string"],
    limit: -90,
    of: "dB",
    reason: "the rational tanh between layers, in a loop that a real string keeps alive",
  },
  wholeDelay: {
    kernel: "multi-tap: whole delays",
    files: ["multi-tap", "history"],
    limit: 0,
    of: "number",
    reason: "copies",
  },
  fractionalDelay: {
    kernel: "multi-tap: fractional delays",
    files: ["multi-tap"],
    limit: 2e-6,
    of: "number",
    reason: "coefficients that add up to at most 3 in magnitude (delays near 1), each rounded to float32",
  },
  slidingEnergy: {
    kernel: "energy-meter",
    files: ["energy-meter"],
    limit: 1e-8,
    of: "number",
    reason: "summed in float64; a mean square near 0.1 is rounded once",
  },
  decayFeature: {
    kernel: "decay-meter",
    files: ["decay-meter"],
    limit: 1e-7,
    of: "number",
    reason: "float64 throughout, a number up to 1 is rounded once",
  },
  energyGuard: {
    kernel: "energy-guard: an unstable string held",
    files: ["energy-guard"],
    limit: -80,
    of: "dB",
    reason: "gains in float64, but of a loop that wants to grow",
  },
  karplusStrong: {
    kernel: "karplus-strong: 0.5 s",
    files: ["karplus-strong", "random"],
    limit: 1e-6,
    of: "number",
    reason: "98 trips, each rounded to float32 at half of full scale, in a loop that decays",
  },
  stiffString: {
    kernel: "stiff-string: 0.5 s",
    files: ["stiff-string", "sine"],
    limit: 3e-8,
    of: "number",
    reason: "float64 throughout, rounded once at half of full scale",
  },
  windows: { kernel: "windows", files: ["windows"], limit: 0, of: "number", reason: "copies" },
  passive: {
    kernel: "passive-string, shifted-sums: 6000 samples",
    files: [
      "passive-string",
      "shifted-sums",
      "loop-filters",
      "block",
      "passive-create",
      "passive-start",
      "passive-pluck",
      "passive-mixture",
      "passive-hand",
      "passive-banks",
      "passive-retune",
    ],
    limit: -115,
    of: "dB",
    reason: "float32 sums of 32 to 256 products",
  },
  anyPassive: {
    kernel: "passive-string: any shape, 1500 samples",
    files: ["passive-string", "passive-mixture", "passive-pluck"],
    limit: -100,
    of: "dB",
    reason: "a network that jumps between filters magnifies float32 levels",
  },
  secondLoop: {
    kernel: "passive-estimate: the second loop",
    files: ["passive-estimate", "passive-report"],
    limit: -100,
    of: "dB",
    reason: "a difference of float32 samples some 30 dB louder",
  },
  bentString: {
    kernel: "passive-bend, bend-terms: 0.2 s of moves",
    files: ["passive-bend", "bend-terms"],
    limit: -95,
    of: "dB",
    reason: "ten more products a sample, and weights that move in float32",
  },
  shapedPluck: {
    kernel: "pluck-shape",
    files: ["pluck-shape"],
    limit: 5e-7,
    of: "number",
    reason: "smoothed in float64, rounded, and once more where one is taken from the other",
  },
  resampledPluck: {
    kernel: "resample: a pluck at another pitch",
    files: ["resample", "sine"],
    limit: -110,
    of: "dB",
    reason:
      "sines that are rotated in float64; the long mean that is taken off is summed over rounded samples",
  },
  retunedTaps: {
    kernel: "passive-dense, toeplitz, fft-double: taps",
    files: ["passive-dense", "toeplitz", "fft-double", "gain-bound"],
    limit: 4e-5,
    of: "number",
    reason: "taps in float32, scaled to the claim by a bound that lies up to 3e-5 above the largest gain",
  },
  trainedTaps: {
    kernel: "passive-synthesis, passive-filters: taps",
    files: ["passive-synthesis", "passive-filters"],
    limit: 2e-4,
    of: "number",
    reason: "the claim may take off a part of the damping, 2 % of 0.01",
  },
  rollout: {
    kernel: "train/rollout: samples",
    files: ["train/rollout", "train/fir", "train/line", "train/mixture", "train/residual"],
    limit: 3e-6,
    of: "number",
    reason: "float32 sums of some dozen terms",
  },
  rolloutGradient: {
    kernel: "train/rollout-backward: gradients",
    files: [
      "train/rollout-backward",
      "train/fir",
      "train/mixture",
      "train/residual",
      "train/spectral-loss",
      "train/decay-loss",
      "train/wave-loss",
      "train/frames",
      "train/fft",
      "train/logarithm",
    ],
    limit: 5e-5,
    of: "of the slope",
    reason: "float32 signals, float64 sums; central differences on the other side",
  },
  classicRollout: {
    kernel: "train/classic-rollout: samples",
    files: ["train/classic-rollout"],
    limit: 2e-5,
    of: "number",
    reason: "float32 sums and the rational tanh, some trips of the loop long",
  },
  classicGradient: {
    kernel: "train/classic-gradient: gradients",
    files: ["train/classic-gradient", "train/weight-gradient"],
    limit: 2e-3,
    of: "of the slope",
    reason:
      "a relu or a spectral cell that changes sides within the step bends the difference, not the gradient",
  },
} as const satisfies Record<string, Tolerance>;

/** Files of assembly/ that compute nothing: memory, and what is exported. */
export const WITHOUT_NUMBERS = ["arena", "index", "train"];

/** A limit as the README writes it. */
export function limitInWords({ limit, of }: Tolerance): string {
  if (limit === 0) return "exact";
  if (of === "dB") return `${limit} dB`;
  return of === "number" ? `${limit.toExponential()}` : `${limit.toExponential()} ${of}`;
}
