/**
 * The authority on rollouts of the linear passive string and their losses: float64, plain sums, straight from the
 * equations. Gradients are had from it by finite differences.
 */

export interface ReferenceRollout {
  /** Delay of the first tap. */
  near: number;
  /** 2 F samples, F the longest delay. */
  past: ArrayLike<number>;
  h: ArrayLike<number>;
  hb: ArrayLike<number>;
  count: number;
}

/** y[n] = (h * y)[n] + u[n], u[n] = (hb * u)[n]; before the start u = y - h * y. @returns [count] */
export function rollOut({ near, past, h, hb, count }: ReferenceRollout): number[] {
  const longest = near + h.length - 1;
  const y = Array.from(past);
  const filter = (taps: ArrayLike<number>, x: number[], n: number) => {
    let sum = 0;
    for (let j = 0; j < taps.length; j++) sum += taps[j] * x[n - near - j];
    return sum;
  };
  const u: number[] = [];
  for (let n = 0; n < longest; n++) u.push(y[longest + n] - filter(h, y, longest + n));
  for (let n = 0; n < count; n++) {
    u.push(filter(hb, u, longest + n));
    y.push(filter(h, y, 2 * longest + n) + u[longest + n]);
  }
  return y.slice(2 * longest);
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

/** |sum of w[i] x[start + i] e^(-j 2 pi k i / size)|, w a Hann window. */
function magnitude(x: ArrayLike<number>, start: number, size: number, k: number): number {
  let [re, im] = [0, 0];
  for (let i = 0; i < size; i++) {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    const angle = (2 * Math.PI * ((k * i) % size)) / size;
    re += w * x[start + i] * Math.cos(angle);
    im -= w * x[start + i] * Math.sin(angle);
  }
  return Math.hypot(re, im);
}
