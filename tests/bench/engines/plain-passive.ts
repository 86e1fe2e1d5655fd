/**
 * The passive string as one would write it in plain JavaScript: sample by sample, float64, straight from its
 * equations (tests/reference/passive-string.ts has them), no memory allocated but for the mixture's weights, once a hop.
 */
import type { PassiveModel } from "@neural-string/core-wasm";
import {
  mixtureWeights,
  type ReferenceFilters,
  type ReferenceMixture,
} from "../../reference/passive-string.ts";
import { filtersOf, longestDelayOf, mixtureOf, periodOf } from "../../support/passive-playing.ts";

/** Samples between two moves of the past to the lines' front. */
const ROOM = 8192;

export class PlainPassive {
  readonly #filters: ReferenceFilters;
  readonly #mixture: ReferenceMixture | undefined;
  readonly #excitation: Float32Array;
  readonly #controls: number[];
  readonly #keep: number;
  readonly #y: Float64Array;
  /** What goes into each filter: u, then s_k y. */
  readonly #lines: Float64Array[];
  #weights: number[] = [1];
  /** What the network asked for last, and before. */
  #asked: number[] = [1];
  #before: number[] = [1];
  #at = 0;
  #n = 0;

  constructor(model: PassiveModel) {
    this.#filters = filtersOf(model);
    // float64 throughout, so that no number has to be converted
    this.#filters.rows = this.#filters.rows.map((row) => Float64Array.from(row));
    this.#mixture = mixtureOf(model);
    this.#excitation = model.excitations[0].samples;
    this.#controls = model.excitations[0].controls;
    this.#keep = Math.max(longestDelayOf(model), 2 * periodOf(model));
    this.#y = new Float64Array(this.#keep + ROOM);
    this.#lines = this.#filters.rows.map(() => new Float64Array(this.#keep + ROOM));
    this.pluck();
  }

  /** Silence the string, then pluck it. */
  pluck(): void {
    for (const line of [this.#y, ...this.#lines]) line.fill(0);
    this.#at = this.#keep;
    this.#n = 0;
  }

  /** Render the next samples. */
  process(out: Float32Array | Float64Array): void {
    const { near, rows } = this.#filters;
    for (let i = 0; i < out.length; i++, this.#n++, this.#at++) {
      if (this.#at === this.#y.length) this.#moveToFront();
      if (this.#mixture) this.#moveWeights(this.#mixture);
      const oldest = this.#at - near;
      const e = this.#n < this.#excitation.length ? this.#excitation[this.#n] : 0;
      const u = e + convolve(rows[0], this.#lines[0], oldest);
      let y = u;
      for (let k = 1; k < rows.length; k++)
        y += this.#weights[k - 1] * convolve(rows[k], this.#lines[k], oldest);
      this.#lines[0][this.#at] = u;
      for (let k = 1; k < rows.length; k++) this.#lines[k][this.#at] = this.#weights[k - 1] * y;
      this.#y[this.#at] = y;
      out[i] = y;
    }
  }

  /** From what was asked for the last time to what is asked for now, in a straight line over 32 samples. */
  #moveWeights(mixture: ReferenceMixture): void {
    const inHop = this.#n % mixture.hop;
    const line = Math.min(32, mixture.hop);
    if (inHop === 0) {
      const asked = mixtureWeights(mixture, this.#y.subarray(0, this.#at), this.#controls);
      this.#before = this.#n === 0 ? asked : this.#asked;
      this.#asked = asked;
    }
    if (inHop > line) return;
    this.#weights = this.#asked.map((s, k) => this.#before[k] + (inHop / line) * (s - this.#before[k]));
  }

  #moveToFront(): void {
    for (const line of [this.#y, ...this.#lines]) line.copyWithin(0, this.#at - this.#keep);
    this.#at = this.#keep;
  }
}

function convolve(h: ArrayLike<number>, x: Float64Array, newest: number): number {
  let sum = 0;
  for (let j = 0; j < h.length; j++) sum += h[j] * x[newest - j];
  return sum;
}
