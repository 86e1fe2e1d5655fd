/** Brings an excitation to another sample rate or length, so that the pluck of a recording plays where a string is tuned. */

/** Samples that `resampleInto` writes. @param ratio new length over the old */
export function resampledLength(samples: Float32Array, ratio: number): number {
  return ratio === 1 ? samples.length : Math.floor(samples.length * ratio);
}

/**
 * Resample by linear interpolation. Allocates nothing.
 * @param ratio new length over the old
 * @param out `resampledLength` samples
 */
export function resampleInto(out: Float32Array, samples: Float32Array, ratio: number): void {
  if (ratio === 1) {
    out.set(samples);
    return;
  }
  for (let n = 0; n < out.length; n++) {
    const position = n / ratio;
    const i = Math.min(Math.floor(position), samples.length - 1);
    const next = i + 1 < samples.length ? samples[i + 1] : 0;
    out[n] = samples[i] + (position - i) * (next - samples[i]);
  }
}
