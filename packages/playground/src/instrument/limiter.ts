/**
 * A limiter: what leaves it never exceeds its ceiling, and what stays below passes bit for bit, later by the look-ahead.
 * (A DynamicsCompressorNode promises neither.) It knows the gain that each sample needs two milliseconds before that
 * sample leaves, and slides there:
 *
 *   r[n] = min(1, ceiling / |x[n]|)                  what the sample needs
 *   m[n] = min of r[n - L .. n]
 *   e[n] = min(m[n], e[n-1] + release (1 - e[n-1]))  down at once, up slowly
 *   g[n] = mean of e[n - L + 1 .. n],   y[n] = g[n] x[n - L]
 *
 * All e in that mean saw x[n - L], so g[n] <= r[n - L]. Arithmetic only, so that every engine has the same bits.
 */

/** Of full scale; the hair below it is what a converter's interpolation adds. */
export const CEILING = 0.966;

const LOOK_AHEAD_SECONDS = 0.002;
const RELEASE_SECONDS = 0.08;
/** Nearer to 1 than this, a gain is 1. */
const HAIR = 1e-5;

export class Limiter {
  /** Samples by which it is late. */
  readonly latency: number;
  readonly #release: number;
  /** x, of the last `latency` samples, a ring; and e of as many. */
  readonly #past: Float32Array;
  readonly #gains: Float64Array;
  #at = 0;
  #sum: number;
  #gain = 1;
  /** What the sliding minimum is found with: needs that no later one undercuts, in ascending order, and when they came. */
  readonly #needs: Float64Array;
  readonly #times: Float64Array;
  #first = 0;
  #count = 0;
  #time = 0;
  #least = 1;

  /** @param sampleRate Hz */
  constructor(sampleRate: number) {
    this.latency = Math.round(LOOK_AHEAD_SECONDS * sampleRate);
    this.#release = 1 / (RELEASE_SECONDS * sampleRate);
    this.#past = new Float32Array(this.latency);
    this.#gains = new Float64Array(this.latency).fill(1);
    this.#sum = this.latency;
    this.#needs = new Float64Array(this.latency + 2);
    this.#times = new Float64Array(this.latency + 2);
  }

  /** Limit, in place. A sample that is no number becomes silence. Audio thread: allocates nothing. */
  process(sound: Float32Array): void {
    const { latency } = this;
    for (let n = 0; n < sound.length; n++) {
      const x = Number.isFinite(sound[n]) ? sound[n] : 0;
      const size = Math.abs(x);
      const least = this.#slide(size > CEILING ? CEILING / size : 1);
      this.#gain = Math.min(least, this.#gain + this.#release * (1 - this.#gain));
      if (1 - this.#gain < HAIR && least === 1) this.#gain = 1;
      const at = this.#at;
      this.#sum += this.#gain - this.#gains[at];
      this.#gains[at] = this.#gain;
      const mean = this.#sum / latency;
      sound[n] = mean * this.#past[at];
      this.#past[at] = x;
      if (mean < this.#least) this.#least = mean;
      this.#at = at + 1;
      if (this.#at < latency) continue;
      this.#at = 0;
      // adding and subtracting leaves dust
      this.#sum = 0;
      for (let i = 0; i < latency; i++) this.#sum += this.#gains[i];
    }
  }

  /** The smallest gain since this was last asked; 1 = nothing was held back. */
  takeLeastGain(): number {
    const least = this.#least;
    this.#least = 1;
    return least;
  }

  /** Take a need in. @returns the smallest of the last latency + 1 */
  #slide(need: number): number {
    const room = this.#needs.length;
    while (this.#count > 0 && this.#needs[(this.#first + this.#count - 1) % room] >= need) this.#count--;
    const at = (this.#first + this.#count) % room;
    this.#needs[at] = need;
    this.#times[at] = this.#time;
    this.#count++;
    if (this.#times[this.#first] < this.#time - this.latency) {
      this.#first = (this.#first + 1) % room;
      this.#count--;
    }
    this.#time++;
    return this.#needs[this.#first];
  }
}
