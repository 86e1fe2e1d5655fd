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

/** Samples to either side that a bend is compared with, but for the nearest few, which a click bends too. */
const AROUND = 200;
const NEAREST = 8;

/** The sharpest bend of a sound over the sharpest around it: some 2 where nothing clicks. */
export function sharpestBend(sound: Float32Array): number {
  const bends = sound.map((x, n) => (n < 2 ? 0 : Math.abs(x - 2 * sound[n - 1] + sound[n - 2])));
  let sharpest = 0;
  for (let n = AROUND; n < bends.length - AROUND; n++) {
    // silence is compared with nothing
    let most = 1e-7;
    for (let i = NEAREST; i < AROUND; i++) most = Math.max(most, bends[n - i], bends[n + i]);
    sharpest = Math.max(sharpest, bends[n] / most);
  }
  return sharpest;
}
