/** Karplus and Strong's string, and many taps of a delay line, as one would write them in plain JavaScript. */

/** y[n] = e[n] + gain (y[n - delay] + y[n - delay - 1]) / 2, sample by sample in a ring. */
export class PlainKarplusStrong {
  readonly #gain: number;
  readonly #delay: number;
  readonly #excitation: Float32Array;
  readonly #line: Float64Array;
  #n = 0;

  /** @param delay samples @param excitation e, silence after it */
  constructor(delay: number, gain: number, excitation: Float32Array) {
    this.#delay = delay;
    this.#gain = gain;
    this.#excitation = excitation;
    this.#line = new Float64Array(2 ** Math.ceil(Math.log2(delay + 2)));
  }

  /** Silence the string; it is plucked when it is next rendered. */
  pluck(): void {
    this.#line.fill(0);
    this.#n = 0;
  }

  /** Render the next samples. */
  process(out: Float32Array): void {
    const line = this.#line;
    const mask = line.length - 1;
    const half = 0.5 * this.#gain;
    for (let i = 0; i < out.length; i++, this.#n++) {
      const at = this.#n - this.#delay;
      let y = half * (line[at & mask] + line[(at - 1) & mask]);
      if (this.#n < this.#excitation.length) y += this.#excitation[this.#n];
      line[this.#n & mask] = y;
      out[i] = y;
    }
  }
}

/**
 * Read every tap for each of a block's samples.
 * @param past what the delay line holds, the newest sample last
 * @param delays samples; between samples the cubic through the four nearest, for delays of 2 or more
 * @param out f32, [taps, frames], as `DelayLine.read` has it
 */
export function plainTaps(
  past: Float32Array,
  delays: readonly number[],
  frames: number,
  out: Float32Array,
): void {
  for (let tap = 0; tap < delays.length; tap++) {
    const whole = Math.floor(delays[tap]);
    const f = delays[tap] - whole;
    const start = past.length - whole;
    const row = tap * frames;
    if (f === 0) {
      for (let i = 0; i < frames; i++) out[row + i] = past[start + i];
      continue;
    }
    const before = (-f * (f - 1) * (f - 2)) / 6;
    const at = ((f + 1) * (f - 1) * (f - 2)) / 2;
    const after = (-(f + 1) * f * (f - 2)) / 2;
    const last = ((f + 1) * f * (f - 1)) / 6;
    for (let i = 0; i < frames; i++) {
      const p = start + i;
      out[row + i] = before * past[p + 1] + at * past[p] + after * past[p - 1] + last * past[p - 2];
    }
  }
}
