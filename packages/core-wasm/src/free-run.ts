/**
 * A passive string's loops in float64, outside its core: what one round trip makes of a recorded past, and how a
 * state runs on by itself, forwards and (as the adjoint, for fitting) backwards. `state-estimate.ts` and `tune.ts`
 * listen to a past with it. The network's weights follow what was recorded, so everything here is linear in the state.
 */
import type { LoopFilters } from "./detune.ts";
import type { WeightTrack } from "./mixture-weights.ts";

export interface Step {
  at: number;
  count: number;
}

/** The stretch from .. to of a past (samples), cut into steps no longer than the first tap's delay. */
export function stepsOf(near: number, from: number, to: number): Step[] {
  const steps: Step[] = [];
  for (let at = from; at < to; at += near) steps.push({ at, count: Math.min(near, to - at) });
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
  const { near, rows } = filters;
  const r = past.slice(from);
  track.forEach((weights, k) => {
    const line = past.map((x, n) => weights[n] * x);
    addWeighedFir(weights.subarray(from), rows[k + 1], line, from - near, -1, r, 0, past.length - from, -1);
  });
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
  /** The weights, [K] of [F + count]; those of the state are what the stretch begins with. */
  readonly #weights: WeightTrack;
  /** Per filter of the first loop, what it hears. */
  readonly #lines: Float64Array[];

  /** @param from @param to the stretch, in samples of the past the weights follow */
  constructor(filters: LoopFilters, track: WeightTrack, from: number, to: number) {
    this.state = filters.longestDelay;
    this.count = to - from;
    this.#near = filters.near;
    this.#isParallel = filters.coupling.length > 0;
    this.#rows = filters.rows;
    this.#steps = stepsOf(filters.near, this.state, this.state + this.count);
    this.#weights = track.map((line) => {
      const weights = new Float64Array(this.state + this.count).fill(line[from]);
      weights.set(line.subarray(from, to), this.state);
      return weights;
    });
    this.#lines = filters.rows.slice(1).map(() => new Float64Array(2 * this.state + this.count));
  }

  /**
   * Run on.
   * @param y @param u [F + count], the first F given, the rest written
   * @returns what is heard, [count]: y, or a parallel string's y + u
   */
  run(y: Float64Array, u: Float64Array): Float64Array {
    const near = this.#near;
    this.#weigh(y, 0, this.state);
    for (const { at, count } of this.#steps) {
      u.fill(0, at, at + count);
      addFir(this.#rows[0], u, at - near, -1, u, at, count, 1);
      if (this.#isParallel) y.fill(0, at, at + count);
      else y.set(u.subarray(at, at + count), at);
      this.#lines.forEach((line, k) => {
        const weights = this.#weights[k].subarray(at);
        addWeighedFir(weights, this.#rows[k + 1], line, at - near, -1, y, at, count, 1);
      });
      this.#weigh(y, at, count);
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
    for (const line of this.#lines) line.fill(0);
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const { at, count } = this.#steps[i];
      // u is part of what is heard; in cascade also of what the first loop hears again
      if (this.#isParallel) gu.set(gy.subarray(at, at + count), at);
      this.#hear(gy, at, count);
      this.#weigh(gy, at, count);
      if (!this.#isParallel) gu.set(gy.subarray(at, at + count), at);
      addFir(this.#rows[0], gu, at + near, 1, gu, at, count, 1);
    }
    // the state itself: only what the stretch hears of it
    const gradient = new Float64Array(2 * state);
    this.#hear(gradient, 0, state);
    addFir(this.#rows[0], gu, near, 1, gradient, state, state, 1);
    return gradient;
  }

  /** Write `count` samples of x from `at` on, weighed, into every filter's line. */
  #weigh(x: Float64Array, at: number, count: number): void {
    this.#lines.forEach((line, k) => {
      const weights = this.#weights[k];
      for (let n = at; n < at + count; n++) line[n] = weights[n] * x[n];
    });
  }

  /** Add to out what the stretch heard, through each filter, of the `count` samples from `at` on. */
  #hear(out: Float64Array, at: number, count: number): void {
    this.#lines.forEach((line, k) => {
      const weights = this.#weights[k].subarray(at);
      addWeighedFir(weights, this.#rows[k + 1], line, at + this.#near, 1, out, at, count, 1);
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

/** The same, each sample times a weight of its own, [count] or more. x may be out's own: all of it is heard first. */
export function addWeighedFir(
  weights: Float64Array,
  ...[h, x, from, step, out, at, count, factor]: Parameters<typeof addFir>
): void {
  const block = new Float64Array(count);
  addFir(h, x, from, step, block, 0, count, factor);
  for (let n = 0; n < count; n++) out[at + n] += weights[n] * block[n];
}
