/**
 * A passive string's loops in float64, outside its core: what one round trip makes of a recorded past, and how a
 * state runs on by itself, forwards and (as the adjoint, for fitting) backwards. `state-estimate.ts` and `tune.ts`
 * listen to a past with it. The network's weights follow what was recorded, so everything here is linear in the state.
 */
import type { LoopFilters } from "./detune.ts";
import type { PassiveModel } from "./passive-model.ts";

/** The mixture's weights along a past, constant within a hop; the hops are counted back from its end. */
export interface WeightTrack {
  hop: number;
  /** Sample at which hop 0 starts; may be before the past does. */
  first: number;
  /** [hops] of [K] */
  weights: Float64Array[];
}

/** Follow the mixture along a past; hops without two periods before them have the weights of the first that has. */
export function trackWeights(
  model: PassiveModel,
  past: Float64Array,
  controls: ArrayLike<number>,
): WeightTrack {
  if (model.mixture === null) return { hop: past.length, first: 0, weights: [Float64Array.of(1)] };
  const { hop } = model.mixture;
  const period = Math.round(model.sampleRate / model.f0);
  const hops = Math.ceil(past.length / hop);
  const first = past.length - hops * hop;
  const weights: Float64Array[] = new Array(hops);
  let earliest = mixtureWeights(model, past, past.length, controls);
  for (let b = hops - 1; b >= 0; b--) {
    const at = first + b * hop;
    if (at >= 2 * period) earliest = mixtureWeights(model, past, at, controls);
    weights[b] = earliest;
  }
  return { hop, first, weights };
}

/** The mixture's weights for what ends right before sample `end`; silence before the past. @returns [K] */
function mixtureWeights(
  model: PassiveModel,
  past: Float64Array,
  end: number,
  controls: ArrayLike<number>,
): Float64Array {
  const { hiddenWeight, hiddenBias, outputWeight, outputBias } = model;
  const period = Math.round(model.sampleRate / model.f0);
  const level = (to: number) => {
    let sum = 0;
    for (let n = Math.max(0, to - period); n < to; n++) sum += past[n] * past[n];
    return Math.log10(sum / period + 1e-9);
  };
  const now = level(end);
  const x = [now / 2 + 1.5, Math.max(-1, Math.min(1, 5 * (now - level(end - period))))];
  for (let i = 0; i < model.controls; i++) x.push(controls[i] ?? 0);
  const hidden = Array.from(hiddenBias, (bias, i) =>
    Math.tanh(x.reduce((sum, v, j) => sum + hiddenWeight[i * x.length + j] * v, bias)),
  );
  const z = Array.from(outputBias, (bias, k) =>
    hidden.reduce((sum, v, i) => sum + outputWeight[k * hidden.length + i] * v, bias),
  );
  const most = Math.max(...z);
  const norm = most + Math.log(z.reduce((sum, v) => sum + Math.exp(v - most), 0));
  return Float64Array.from(z, (v) => Math.exp((v - norm) / 2));
}

export interface Step {
  at: number;
  count: number;
  weights: Float64Array;
}

/** The stretch from .. to of a past (samples), cut where weights change and no longer than the first tap's delay. */
export function stepsOf(track: WeightTrack, near: number, from: number, to: number): Step[] {
  const steps: Step[] = [];
  for (let at = from; at < to; ) {
    const hop = Math.floor((at - track.first) / track.hop);
    const count = Math.min(near, track.first + (hop + 1) * track.hop - at, to - at);
    steps.push({ at, count, weights: track.weights[hop] });
    at += count;
  }
  return steps;
}

/**
 * What of a past the first loop does not explain: r[n] = y[n] - sum_k s_k (h_k * (s_k y))[n], every sample it hears
 * recorded. That is u, and what the recording holds that the model does not.
 * @param from first n, the longest delay or more
 * @returns [past's length - from]
 */
export function residual(
  filters: LoopFilters,
  track: WeightTrack,
  past: Float64Array,
  from: number,
): Float64Array {
  const { near, longestDelay, rows } = filters;
  const r = past.slice(from);
  const line = new Float64Array(past.length);
  for (let k = 0; k + 1 < rows.length; k++) {
    for (const { at, count, weights } of stepsOf(track, past.length, from - longestDelay, past.length)) {
      for (let n = at; n < at + count; n++) line[n] = weights[k] * past[n];
    }
    for (const { at, count, weights } of stepsOf(track, near, from, past.length)) {
      addFir(rows[k + 1], line, at - near, -1, r, at - from, count, -weights[k]);
    }
  }
  return r;
}

/**
 * Both loops over a stretch of a past, from a state of F samples of y and u before it. Of a parallel string (whose filters
 * have a coupling) `y` here is what the first loop holds, and u sounds beside it.
 */
export class FreeRun {
  /** F */
  readonly state: number;
  /** Samples of the stretch. */
  readonly count: number;
  readonly #near: number;
  readonly #isParallel: boolean;
  readonly #rows: Float64Array[];
  readonly #steps: Step[];
  /** Per filter of the first loop, what it hears. */
  readonly #lines: Float64Array[];
  readonly #block: Float64Array;

  /** @param from @param to the stretch, in samples of the past the weights follow */
  constructor(filters: LoopFilters, track: WeightTrack, from: number, to: number) {
    this.state = filters.longestDelay;
    this.count = to - from;
    this.#near = filters.near;
    this.#isParallel = filters.coupling.length > 0;
    this.#rows = filters.rows;
    this.#steps = stepsOf(track, filters.near, from, to).map((step) => ({
      ...step,
      at: step.at - from + filters.longestDelay,
    }));
    this.#lines = filters.rows.slice(1).map(() => new Float64Array(2 * this.state + this.count));
    this.#block = new Float64Array(this.state);
  }

  /**
   * Run on.
   * @param y @param u [F + count], the first F given, the rest written
   * @returns what is heard, [count]: y, or a parallel string's y + u
   */
  run(y: Float64Array, u: Float64Array): Float64Array {
    const near = this.#near;
    this.#lines.forEach((line, k) => {
      const s = this.#steps[0].weights[k];
      for (let n = 0; n < this.state; n++) line[n] = s * y[n];
    });
    for (const { at, count, weights } of this.#steps) {
      u.fill(0, at, at + count);
      addFir(this.#rows[0], u, at - near, -1, u, at, count, 1);
      if (this.#isParallel) y.fill(0, at, at + count);
      else y.set(u.subarray(at, at + count), at);
      this.#lines.forEach((line, k) => {
        addFir(this.#rows[k + 1], line, at - near, -1, y, at, count, weights[k]);
      });
      this.#lines.forEach((line, k) => {
        for (let n = at; n < at + count; n++) line[n] = weights[k] * y[n];
      });
    }
    const heard = y.slice(this.state);
    if (this.#isParallel) for (let n = 0; n < heard.length; n++) heard[n] += u[this.state + n];
    return heard;
  }

  /**
   * The adjoint of `run`.
   * @param gy dL/d(what is heard) of the stretch, [F + count + F], 0 outside; used up
   * @returns dL/d(y, u) of the state, [2 F]
   */
  back(gy: Float64Array): Float64Array {
    const { state, count } = this;
    const near = this.#near;
    const gu = new Float64Array(2 * state + count);
    const heard = this.#lines;
    for (const line of heard) line.fill(0);
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { at, count, weights } = this.#steps[i];
      // u is part of what is heard; in cascade also of what the first loop hears again
      if (this.#isParallel) gu.set(gy.subarray(at, at + count), at);
      this.#hear(gy, at, at, count, weights);
      heard.forEach((line, k) => {
        for (let n = at; n < at + count; n++) line[n] = weights[k] * gy[n];
      });
      if (!this.#isParallel) gu.set(gy.subarray(at, at + count), at);
      addFir(this.#rows[0], gu, at + near, 1, gu, at, count, 1);
    }
    // the state itself: only what the stretch hears of it
    const gradient = new Float64Array(2 * state);
    this.#hear(gradient, 0, 0, state, this.#steps[0].weights);
    addFir(this.#rows[0], gu, near, 1, gradient, state, state, 1);
    return gradient;
  }

  /** Add to out what the stretch heard, through each filter, of the `count` samples from `at` on. */
  #hear(out: Float64Array, to: number, at: number, count: number, weights: Float64Array): void {
    const block = this.#block;
    this.#lines.forEach((line, k) => {
      block.fill(0, 0, count);
      addFir(this.#rows[k + 1], line, at + this.#near, 1, block, 0, count, weights[k]);
      for (let n = 0; n < count; n++) out[to + n] += block[n];
    });
  }
}

/** out[at + n] += factor * sum over j of h[j] x[from + n + step j], n < count; four sums share their reading. */
export function addFir(
  h: Float64Array,
  x: Float64Array,
  from: number,
  step: 1 | -1,
  out: Float64Array,
  at: number,
  count: number,
  factor: number,
): void {
  const taps = h.length;
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let p = from + n;
    for (let j = 0; j < taps; j++) {
      const tap = h[j];
      a += tap * x[p];
      b += tap * x[p + 1];
      c += tap * x[p + 2];
      d += tap * x[p + 3];
      p += step;
    }
    out[at + n] += factor * a;
    out[at + n + 1] += factor * b;
    out[at + n + 2] += factor * c;
    out[at + n + 3] += factor * d;
  }
  for (; n < count; n++) {
    let sum = 0;
    for (let j = 0; j < taps; j++) sum += h[j] * x[from + n + step * j];
    out[at + n] += factor * sum;
  }
}
