/**
 * The authority for the energy guard: the energy of the period that ends with a block may not exceed a limit; a block
 * that would is scaled down until it does not.
 */
import { energy } from "./meters.ts";

/** The most energy any period of a past holds, looking every `hop` samples and at its end. */
export function loudestPeriod(past: ArrayLike<number>, period: number, hop: number): number {
  let most = energy(past, past.length - period, past.length);
  for (let n = 0; n + period <= past.length; n += hop) most = Math.max(most, energy(past, n, n + period));
  return most;
}

/**
 * Guard a string loop: pass the result as its `afterStep`.
 * @param limit energy, sum of squares over one period
 * @returns a function that scales the samples from .. to - 1 of a line, and how often it had to
 */
export function energyGuard(limit: number, period: number) {
  const report = { interventions: 0, smallestGain: 1 };
  const afterStep = (line: Float64Array, from: number, to: number): void => {
    const rest = energy(line, to - period, from);
    const block = energy(line, from, to);
    if (rest + block <= limit || block === 0) return;
    const gain = Math.sqrt(Math.max(0, limit - rest) / block);
    for (let n = from; n < to; n++) line[n] *= gain;
    report.interventions++;
    report.smallestGain = Math.min(report.smallestGain, gain);
  };
  return { afterStep, report };
}
