/**
 * The authority on rollouts of the passive string and their losses: float64, plain sums, straight from the equations.
 * Gradients are had from it by finite differences.
 */

export interface ReferenceRollout {
  /** Delay of the first tap. */
  near: number;
  /** Samples the level is measured over. */
  period: number;
  /** Filters of the first loop. */
  filters: number;
  /** Samples a mixture's weights hold. */
  hop: number;
  hidden: number;
  /** 2 F samples, F the longest delay. */
  past: ArrayLike<number>;
  /** [1 + filters, N], the second loop's first. */
  taps: ArrayLike<number>;
  /** W1, b1, W2, b2; then the residual's W1, W2. */
  network: ArrayLike<number>;
  /** An odd network beside the loops: how many units, which of the past it hears. */
  residual?: { units: number; first: number; taps: number };
  controls: ArrayLike<number>;
  count: number;
}

/**
 * y[n] = sum of s_k[n] (h_k * (s_k y))[n] + u[n], u[n] = (hb * u)[n]; before the start u is what the first loop does
 * not explain of y. A residual r[n] = W2 tanh(W1 y[n - first ..]) is part of the first loop.
 * @returns the rollout, [count], and the weights, [hops, filters]
 */
export function rollOut(task: ReferenceRollout): { rollout: number[]; weights: number[] } {
  const { near, filters, past, taps, count } = task;
  const length = taps.length / (1 + filters);
  const longest = near + length - 1;
  const start = 2 * longest;
  const y = Array.from(past);
  const u = new Array<number>(longest).fill(0);
  const filter = (row: number, x: (n: number) => number, n: number) => {
    let sum = 0;
    for (let j = 0; j < length; j++) sum += taps[row * length + j] * x(n - near - j);
    return sum;
  };
  const hops: number[][] = [];
  const hop = filters === 1 ? count : task.hop;
  // from a hop's weights to the next's in a straight line over 32 samples, or a hop that is shorter
  const weightsAt = (n: number) => {
    const i = Math.max(0, Math.floor((n - start) / hop));
    const part = Math.min(1, (n - start - i * hop) / Math.min(32, hop));
    const before = hops[Math.max(0, i - 1)];
    return n < start ? hops[0] : hops[i].map((s, k) => before[k] + part * (s - before[k]));
  };
  const firstLoop = (n: number) => {
    let sum = 0;
    for (let k = 0; k < filters; k++) {
      sum += weightsAt(n)[k] * filter(1 + k, (m) => weightsAt(m)[k] * y[m], n);
    }
    return sum;
  };
  const { units, first, taps: heard } = task.residual ?? { units: 0, first: 0, taps: 0 };
  const weights = Array.from(task.network).slice(task.network.length - units * (heard + 1));
  const residual = (n: number) => {
    let sum = 0;
    for (let i = 0; i < units; i++) {
      let a = 0;
      for (let j = 0; j < heard; j++) a += weights[i * heard + j] * y[n - first - j];
      sum += weights[units * heard + i] * Math.tanh(a);
    }
    return sum;
  };
  hops.push(mixtureWeights(task, y));
  for (let n = longest; n < start; n++) u.push(y[n] - firstLoop(n) - residual(n));
  for (let n = start; n < start + count; n++) {
    if (n > start && (n - start) % hop === 0) hops.push(mixtureWeights(task, y));
    u.push(filter(0, (m) => u[m], n));
    y.push(firstLoop(n) + u[n] + residual(n));
  }
  return { rollout: y.slice(start), weights: filters === 1 ? [] : hops.flat() };
}

/** The filters' weights for what follows y. */
function mixtureWeights(task: ReferenceRollout, y: number[]): number[] {
  const { period, filters, hidden, network, controls } = task;
  if (filters === 1) return [1];
  const level = (end: number) => {
    let sum = 0;
    for (let n = end - period; n < end; n++) sum += y[n] * y[n];
    return Math.log10(sum / period + 1e-9);
  };
  const now = level(y.length);
  const change = 5 * (now - level(y.length - period));
  const x = [now / 2 + 1.5, Math.max(-1, Math.min(1, change)), ...Array.from(controls)];
  const layer = (inputs: number[], outputs: number, at: number) =>
    Array.from({ length: outputs }, (_, o) =>
      inputs.reduce(
        (sum, v, i) => sum + network[at + o * inputs.length + i] * v,
        network[at + outputs * inputs.length + o],
      ),
    );
  const t = layer(x, hidden, 0).map(Math.tanh);
  const z = layer(t, filters, hidden * (x.length + 1));
  const total = z.reduce((sum, v) => sum + Math.exp(v), 0);
  return z.map((v) => Math.sqrt(Math.exp(v) / total));
}

/** Mean square of the pre-emphasised difference, scaled. */
export function waveLoss(y: ArrayLike<number>, t: ArrayLike<number>, samples: number, scale: number): number {
  let sum = 0;
  for (let n = 1; n < samples; n++) {
    const d = scale * (y[n] - t[n]) - 0.95 * scale * (y[n - 1] - t[n - 1]);
    sum += d * d;
  }
  return sum / (samples - 1);
}

/** Mean |ln difference| of short-time magnitudes over the cells where either rises above its floor. */
export function spectralLoss(
  y: ArrayLike<number>,
  t: ArrayLike<number>,
  size: number,
  floor: ArrayLike<number>,
): number {
  let sum = 0;
  let counted = 0;
  for (let start = 0; start + size <= y.length; start += size / 4) {
    for (let k = 0; k <= size / 2; k++) {
      const [Y, X] = [magnitude(y, start, size, k), magnitude(t, start, size, k)];
      if (Y <= floor[k] && X <= floor[k]) continue;
      counted++;
      sum += Math.abs(Math.log(Math.max(Y, floor[k])) - Math.log(Math.max(X, floor[k])));
    }
  }
  return sum / (counted + 1);
}

/**
 * Mean |ln ratio| of the energy still to come, over bands and frames of 2048 (hop 512) where the recording's is above
 * ten times its noise and above 1e-6 of the most.
 * @param edges bins: band b has edges[b] <= k < edges[b + 1]
 * @param noise the recording's noise energy a frame, for each band
 */
export function decayLoss(
  y: ArrayLike<number>,
  t: ArrayLike<number>,
  edges: ArrayLike<number>,
  noise: ArrayLike<number>,
): number {
  const frames = Math.floor((y.length - 2048) / 512) + 1;
  if (frames < 1) return 0;
  const remaining = (x: ArrayLike<number>, b: number) => {
    const rest = new Array<number>(frames + 1).fill(0);
    for (let f = frames - 1; f >= 0; f--) {
      rest[f] = rest[f + 1];
      for (let k = edges[b]; k < edges[b + 1]; k++) rest[f] += magnitude(x, 512 * f, 2048, k) ** 2;
    }
    return rest.slice(0, frames);
  };
  const bands = Array.from(noise, (_, b) => ({ DY: remaining(y, b), DX: remaining(t, b) }));
  const largest = Math.max(...bands.map(({ DX }) => DX[0]));
  const errors = bands.flatMap(({ DY, DX }, b) =>
    DX.flatMap((dx, f) => {
      const tail = noise[b] * (frames - f);
      return dx > 10 * tail && dx > 1e-6 * largest ? [Math.abs(Math.log((DY[f] + tail) / dx))] : [];
    }),
  );
  return errors.length ? errors.reduce((sum, e) => sum + e, 0) / errors.length : 0;
}

const cosines = new Map<number, Float64Array>();

/** |sum of w[i] x[start + i] e^(-j 2 pi k i / size)|, w a Hann window. */
function magnitude(x: ArrayLike<number>, start: number, size: number, k: number): number {
  const cos =
    cosines.get(size) ?? Float64Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  cosines.set(size, cos);
  let [re, im] = [0, 0];
  for (let i = 0; i < size; i++) {
    const wx = (0.5 - 0.5 * cos[i]) * x[start + i];
    re += wx * cos[(k * i) % size];
    im -= wx * cos[(k * i + 3 * (size / 4)) % size]; // sin a = cos(a - quarter turn)
  }
  return Math.hypot(re, im);
}
