/** What a trainer's rollouts have in common: the string's sizes, and the losses' frames and bands. */
import { DECAY_FRAME } from "./rollout-decay.ts";

/** A small odd network beside the loops, which hears the string about one period ago (assembly/train/residual.ts). */
export interface ResidualShape {
  units: number;
  /** Delay of the first sample that it hears; no nearer than the loops' first tap. */
  first: number;
  /** Samples that it hears; none further than the loops' longest delay. */
  taps: number;
}

export interface RolloutShape {
  /** Taps of each FIR, N. */
  taps: number;
  /** Delay of the first tap (samples), >= 1: the loops run this many samples at a time. */
  near: number;
  /** The string's period (samples): what the mixture measures its level over. */
  period: number;
  /** Filters of the first loop, K >= 1. One filter has no network: hop, hidden and controls are not used (0). */
  filters: number;
  /** Samples from one answer of the mixture's network to the next. */
  hop: number;
  /** Hidden units of the mixture's network. */
  hidden: number;
  /** Inputs of the mixture's network beyond level and change. */
  controls: number;
  /** Longest rollout (samples). */
  mostSamples: number;
  /** Frame sizes of the spectral loss (samples, powers of two from 16 on); the hop is a quarter. */
  frameSizes: readonly number[];
  /**
   * Bands of the decay loss: B + 1 ascending bin numbers of frames of 2048, band b has the bins
   * decayBands[b] <= k < decayBands[b + 1] <= 1025. null: no decay loss.
   */
  decayBands: Int32Array | null;
  /** Default none: only the ablation asks for one, and nothing plays a string that has it. */
  residual?: ResidualShape;
}

/** Numbers in all networks of a shape: the mixture's, then the residual's. */
export function networkSizes({ filters, hidden, controls, residual }: RolloutShape) {
  return {
    mixture: filters === 1 ? 0 : hidden * (controls + 3) + filters * (hidden + 1),
    residual: residual === undefined ? 0 : residual.units * (residual.taps + 1),
  };
}

/** Refuse a shape that makes no sense. @throws RangeError naming the field */
export function checkShape(shape: RolloutShape): void {
  const { taps, near, period, filters, hop, hidden, mostSamples, frameSizes, decayBands } = shape;
  const mixture = filters === 1 ? {} : { hop, hidden };
  for (const [name, value] of Object.entries({ taps, near, period, filters, ...mixture, mostSamples })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name}: expected a whole number from 1 on, got ${value}`);
    }
  }
  if (filters > 1 && !(Number.isInteger(shape.controls) && shape.controls >= 0)) {
    throw new RangeError(`controls: expected a whole number from 0 on, got ${shape.controls}`);
  }
  if (filters > 1 && period > near + taps - 1) {
    throw new RangeError(
      `period: expected at most the longest delay, ${near + taps - 1} samples, got ${period}`,
    );
  }
  checkResidual(shape);
  const odd = frameSizes.find((size) => !Number.isInteger(Math.log2(size)) || size < 16);
  if (odd !== undefined) throw new RangeError(`frameSizes: expected powers of two from 16 on, got ${odd}`);
  if (!decayBands) return;
  const isAscending = decayBands.every((bin, i) => bin >= 0 && (i === 0 || bin > decayBands[i - 1]));
  if (!isAscending || decayBands.length < 2 || (decayBands.at(-1) ?? 0) > DECAY_FRAME / 2 + 1) {
    throw new RangeError(
      `decayBands: expected at least two ascending bin numbers from 0 to ${DECAY_FRAME / 2 + 1}, got ${[...decayBands].join(", ")}`,
    );
  }
}

function checkResidual({ near, taps, residual }: RolloutShape): void {
  if (residual === undefined) return;
  for (const [name, value] of Object.entries(residual)) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`residual.${name}: expected a whole number from 1 on, got ${value}`);
  }
  const last = residual.first + residual.taps - 1;
  if (residual.first < near || last > near + taps - 1) {
    throw new RangeError(
      `residual: expected delays from ${near} to ${near + taps - 1}, the loops' own, got ${residual.first} to ${last}`,
    );
  }
}
