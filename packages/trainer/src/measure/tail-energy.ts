/**
 * What the certificate promises of a passive string's sound, measured: the energy of all that is still to come falls
 * from one longest delay to the next, and stays below a bound that follows from what both loops held at the start.
 * Called by `passive-soak.ts`.
 *
 *   T_u(n) <= g T_u(n - F),   T_y(n) <= g T_y(n - F) + T_u(n),   T_v(n) = root of the sum over m >= n of v[m]^2
 *
 * Parallel loops do not drive each other: there the first loop holds a = y - u, and T_a(n) <= g T_a(n - F).
 * They hold as exactly where the sums end with the render: what comes out after n heard nothing before n - F.
 */
import type { Signal } from "./stft.ts";

/**
 * What float32 adds to an inequality, relative to its right-hand side's tails: a sample is a sum of up to some thousand
 * products, each rounded to 6e-8, and errs by 1e-6 of its size at most.
 */
export const ROUNDING = 2e-6;

/** Both loops, from F samples before the first that was rendered. */
export interface LoopSignals {
  /** [F + samples], what is heard. */
  y: Signal;
  /** [F + samples], the second loop. */
  u: Signal;
  /** F, the longest delay (samples). */
  longestDelay: number;
  /** Whether the loops are parallel; default false. */
  isParallel?: boolean;
}

/** The largest part by which a tail exceeds what it may be, relative to the tails it comes from; below 0 = never. */
export interface TailExcess {
  /** Of the first loop. */
  y: number;
  u: number;
  /** Root of the energy of all that was rendered. */
  rendered: number;
}

/**
 * Compare the tails of both loops with what the inequalities allow, at every sample.
 * @param gain g, what no filter's gain exceeds
 */
export function tailExcess({ y, u, longestDelay, isParallel }: LoopSignals, gain: number): TailExcess {
  const [Ty, Tu] = [tails(y), tails(u)];
  const Ta = isParallel ? tails(Float64Array.from(y, (v, n) => v - u[n])) : Ty;
  let [worstY, worstU] = [-1, -1];
  for (let n = longestDelay; n < y.length; n++) {
    const [beforeA, beforeU] = [Ta[n - longestDelay], Tu[n - longestDelay]];
    if (beforeU > 0) worstU = Math.max(worstU, Tu[n] / beforeU - gain);
    // y - u is rounded as y is, so its error too is relative to both
    const fed = beforeA + Tu[n];
    const excess = Ta[n] - gain * beforeA - (isParallel ? 0 : Tu[n]);
    if (fed > 0) worstY = Math.max(worstY, excess / fed);
  }
  return { y: worstY, u: worstU, rendered: Ty[longestDelay] };
}

/** T(n), [samples + 1]. */
function tails(x: Signal): Float64Array {
  const tail = new Float64Array(x.length + 1);
  let energy = 0;
  for (let n = x.length - 1; n >= 0; n--) {
    energy += x[n] * x[n];
    tail[n] = Math.sqrt(energy);
  }
  return tail;
}
