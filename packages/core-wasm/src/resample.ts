/** Brings an excitation to another sample rate, so that the pluck of a recording plays at a host's rate. */

/** Resample by linear interpolation. @param ratio new sample rate over the old */
export function resample(samples: Float32Array, ratio: number): Float32Array {
  if (ratio === 1) return samples;
  return Float32Array.from({ length: Math.floor(samples.length * ratio) }, (_, n) => {
    const position = n / ratio;
    const i = Math.min(Math.floor(position), samples.length - 1);
    const next = i + 1 < samples.length ? samples[i + 1] : 0;
    return samples[i] + (position - i) * (next - samples[i]);
  });
}
