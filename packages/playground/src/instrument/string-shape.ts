/**
 * From what a string's loop holds to what the string looks like. The loop's newest period is what has passed the bridge;
 * waves run towards it and, turned over, away from it, so that at a share x of the string from the bridge
 *
 *   w(x, t) = d(t + x/2) - d(t - x/2)        t, x/2 in periods; d repeats, as nearly as the string decays slowly
 *
 * which is 0 at the bridge (x = 0) and at the nut (x = 1). A pickup and a bridge tell how fast a string moves rather than
 * where it is, so d is the integral of what is heard. A string of 110 Hz cannot be seen moving: t runs slowly, over the
 * state as it is now, and all that w passes through meanwhile is drawn as a haze.
 */

/** Integrate one period around its circle, without offset. */
export function displacement(heard: Float32Array, out: Float32Array): void {
  const points = heard.length;
  let mean = 0;
  for (const x of heard) mean += x / points;
  let sum = 0;
  let offset = 0;
  for (let j = 0; j < points; j++) {
    sum += ((heard[j] - mean) * 2 * Math.PI) / points;
    out[j] = sum;
    offset += sum / points;
  }
  for (let j = 0; j < points; j++) out[j] -= offset;
}

/** d at a phase in periods, on a straight line between points. */
function at(d: Float32Array, phase: number): number {
  const points = d.length;
  const position = (phase - Math.floor(phase)) * points;
  const i = Math.floor(position) % points;
  const next = i + 1 < points ? i + 1 : 0;
  return d[i] + (position - Math.floor(position)) * (d[next] - d[i]);
}

/**
 * The string at a moment.
 * @param d displacement of one period @param phase t, in periods
 * @param out the string from bridge to nut, both included
 */
export function shapeAt(d: Float32Array, phase: number, out: Float32Array): void {
  const last = out.length - 1;
  for (let i = 0; i <= last; i++) {
    const half = i / last / 2;
    out[i] = at(d, phase + half) - at(d, phase - half);
  }
}

/** How far the string goes out at each place, over a whole period. @param scratch as long as out */
export function hazeOf(d: Float32Array, out: Float32Array, scratch: Float32Array): void {
  out.fill(0);
  const moments = 24;
  for (let m = 0; m < moments; m++) {
    shapeAt(d, m / moments, scratch);
    for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i], Math.abs(scratch[i]));
  }
}
