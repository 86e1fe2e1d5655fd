/** A passive model as the references take it. */
import type { PassiveModel } from "@neural-string/core-wasm";
import type { ReferenceFilters, ReferenceMixture } from "../reference/passive-string.ts";

/** Whole samples of one period. */
export function periodOf({ sampleRate, f0 }: PassiveModel): number {
  return Math.round(sampleRate / f0);
}

/** F, the longest delay. */
export function longestDelayOf(model: PassiveModel): number {
  return periodOf(model) - model.ahead + model.taps - 1;
}

/** The filters as the file has them. */
export function filtersOf(model: PassiveModel): ReferenceFilters {
  const { taps, ahead, filters, loopTaps } = model;
  const rows = Array.from({ length: 1 + filters }, (_, row) =>
    loopTaps.subarray(row * taps, (row + 1) * taps),
  );
  return { near: periodOf(model) - ahead, rows };
}

/** The coupling filter of parallel loops, or none. */
export function couplingOf({ coupling }: PassiveModel): Float32Array | undefined {
  return coupling.length > 0 ? coupling : undefined;
}

/** The network, or none. */
export function mixtureOf(model: PassiveModel): ReferenceMixture | undefined {
  const { mixture, hiddenWeight, hiddenBias, outputWeight, outputBias } = model;
  if (mixture === null) return undefined;
  return { ...mixture, period: periodOf(model), hiddenWeight, hiddenBias, outputWeight, outputBias };
}

/** What an array holds from sample n on, silence outside. */
export function samplesOf(samples: ArrayLike<number>): (n: number) => number {
  return (n) => samples[n] ?? 0;
}
