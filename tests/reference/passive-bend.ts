/**
 * The authority for bending and softening, in float64: one loop whose returned signal r passes B before it sounds.
 *
 *   y[n] = (B r)[n],   r[n] = sum over j of h[j] y[n - near - j],   (B r)[n] = sum_i a_i[n] (K_i (b_i r))[n]
 *
 * Terms, weights and margins as in packages/core-wasm/assembly/passive-bend.ts; every term's weights are written out
 * over all hops here, where the kernel knows four terms at a time.
 */

export interface BentString {
  near: number;
  /** Row 1 is the loop's filter. */
  rows: ArrayLike<number>[];
  past: ArrayLike<number>;
  /** samplesPerSecond / f0, exact. */
  period: number;
  /** Where to go from a sample on; at multiples of 32. */
  moves: { at: number; cents: number; soft: number }[];
}

const HOP = 32;

interface Term {
  /** 1/256 samples */
  early: number;
  soft: number;
}

/** Lagrange's interpolation at d + fraction through eight points, then softened. @returns k[j], j = -4 .. 5 */
export function kernelOf({ early, soft }: Term): { whole: number; k: number[] } {
  const whole = Math.floor(early / 256);
  const x = 3 + early / 256 - whole;
  const points = Array.from({ length: 8 }, (_, k) => {
    let h = x === 3 ? 1 : 1 - 1e-6;
    for (let j = 0; j < 8; j++) if (j !== k) h *= (x - j) / (k - j);
    return h;
  });
  const at = (k: number) => points[k] ?? 0;
  const k = Array.from({ length: 10 }, (_, j) => {
    return (soft / 4) * (at(j - 2) + at(j)) + (1 - soft / 2) * at(j - 1);
  });
  return { whole, k };
}

/** The terms that rule at the borders of hops: term h holds at sample 32 h. */
function termsOf({ moves, period }: BentString, hops: number): Term[] {
  const goal = (n: number) => moves.filter(({ at }) => at <= n).at(-1) ?? { cents: 0, soft: 0 };
  const terms: Term[] = [
    { early: 0, soft: 0 },
    { early: 0, soft: 0 },
  ];
  for (let h = 2; h <= hops + 3; h++) {
    // a term is chosen two hops before it rules
    const { cents, soft } = goal(HOP * (h - 2));
    const early = Math.round(256 * period * (1 - 2 ** (-cents / 1200)));
    const last = terms[h - 1];
    const limited = (by: number, most: number) => Math.max(-most, Math.min(most, by));
    terms.push({
      early: last.early + limited(early - last.early, 96),
      soft: last.soft + limited(Math.fround(soft) - last.soft, 1 / 16),
    });
  }
  return terms;
}

const quarterSine = (x: number) => Math.sin((Math.PI / 2) * x);

/** Play on from a past. */
export function bentSound(string: BentString, frames: number): Float64Array {
  const { near, rows, past } = string;
  const h = rows[1];
  const hops = Math.ceil(frames / HOP);
  const terms = termsOf(string, hops);
  // what stays as it is is one term, however many hops it lasts
  const runs: { from: number; to: number; term: Term }[] = [];
  terms.forEach((term, i) => {
    const last = runs.at(-1);
    if (last && last.term.early === term.early && last.term.soft === term.soft) last.to = i;
    else runs.push({ from: i, to: i, term });
  });
  runs[0].from = Number.NEGATIVE_INFINITY;
  runs[runs.length - 1].to = Number.POSITIVE_INFINITY;
  const kernels = runs.map(({ term }) => kernelOf(term));
  const change = (i: number) => Math.abs((terms[i + 1] ?? terms[i]).early - (terms[i] ?? terms[0]).early);
  // a hop's own margin holds at both its borders, the larger of two at each
  const border = (i: number) => Math.max(i > 0 ? change(i - 1) : 0, change(i));
  const kept = (t: number) => {
    const i = Math.max(0, Math.floor(t + 0.25));
    const x = Math.max(0, Math.min(1, 2 * (t - i) - 0.5));
    return 1 - (1.625 * ((1 - x) * border(i) + x * border(i + 1))) / (HOP * 256);
  };
  const rules = (run: number, t: number) =>
    Math.max(0, Math.min(1, t - runs[run].from + 1, runs[run].to + 1 - t));
  const line = new Float64Array(past.length + frames);
  line.set(Array.from(past));
  const returned = new Map<number, number>();
  const r = (n: number) => {
    const known = returned.get(n);
    if (known !== undefined) return known;
    let sum = 0;
    for (let j = 0; j < h.length; j++) sum += h[j] * (line[past.length + n - near - j] ?? 0);
    returned.set(n, sum);
    return sum;
  };
  for (let n = 0; n < frames; n++) {
    const t = n / HOP;
    let y = 0;
    for (let i = 0; i < runs.length; i++) {
      const a = quarterSine(rules(i, t));
      if (a === 0) continue;
      const { whole, k } = kernels[i];
      for (let j = 0; j < 10; j++) {
        const m = n + whole - 4 + j;
        const when = (m - runs[i].term.early / 256) / HOP;
        y += a * k[j] * quarterSine(rules(i, when)) * Math.sqrt(kept(when)) * r(m);
      }
    }
    line[past.length + n] = y;
  }
  return line.subarray(past.length);
}
