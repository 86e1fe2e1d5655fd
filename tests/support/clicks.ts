/** Where a sound clicks: what tells a jump from a tone. */

/** The largest second difference of a sound within from .. to - 1, which a click makes large and a low tone hardly. */
export function roughness(sound: Float32Array, from = 0, to = sound.length): number {
  let most = 0;
  for (let n = Math.max(2, from); n < to; n++) {
    most = Math.max(most, Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]));
  }
  return most;
}

/** The largest sample in magnitude within from .. to - 1. */
export function loudest(sound: Float32Array, from = 0, to = sound.length): number {
  return sound.subarray(from, to).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
}
