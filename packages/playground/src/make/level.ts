/** How loud what the page plays may be: one sound by its own peak, several together by a ceiling. Free of the DOM. */
import { CEILING } from "../instrument/limiter.ts";

/** Up to here (of full scale) sound passes unchanged. */
const UNCHANGED = 0.8;
/** Up to here the ceiling knows sound, and what is more is as this. */
export const LOUDEST = 4;
/** Steps of the curve. */
const STEPS = 4000;

/** What becomes of samples from -LOUDEST to LOUDEST. @returns f32 [STEPS + 1] */
export function ceilingCurve(): Float32Array<ArrayBuffer> {
  const room = CEILING - UNCHANGED;
  return Float32Array.from({ length: STEPS + 1 }, (_, i) => {
    const x = LOUDEST * ((2 * i) / STEPS - 1);
    const size = Math.abs(x);
    return size <= UNCHANGED ? x : Math.sign(x) * (UNCHANGED + room * Math.tanh((size - UNCHANGED) / room));
  });
}

/** The factor at which a sound's highest peak is half of full scale; recordings are as loud as somebody made them. */
export function gainFor(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak > 0 ? Math.min(30, 0.5 / peak) : 1;
}
