// Short-time spectra of a signal and the way back from them. Two frames, A and B, share one complex FFT: A in the
// real part, B in the imaginary part, z = a + j b. With Z' = Z[size - k]:
//
//   A[k] = (Z + conj Z') / 2        B[k] = (Z - conj Z') / 2j
//
// A gradient goes back as the real part of the FFT of c[k], k = 0 .. size / 2. Given the mirror image that makes it
// real, half of c on either side, two frames share that transform too.
//
//   plane   f32 x (size + 4), and room for 3 more: re or im of Z[k], with Z[size] = Z[0] behind
//
// Memory: a window, f32 x size, and the planes.
// Cost: 5 % of a training step of linear loops (see fft.ts).

import { allocate } from "../arena";
import { madd4 } from "../lanes";
import { Fft, createFft, transform } from "./fft";

@unmanaged
export class Frames {
  size: i32;
  hop: i32;
  fft: Fft;
  window: usize; // f32 x size, Hann
}

export function createFrames(size: i32, hop: i32): Frames {
  const frames = changetype<Frames>(allocate(offsetof<Frames>()));
  frames.size = size;
  frames.hop = hop;
  frames.fft = createFft(size);
  frames.window = allocate((<usize>size) << 2);
  for (let i = 0; i < size; ++i) {
    const w = 0.5 - 0.5 * Math.cos((2 * Math.PI * <f64>i) / <f64>size);
    store<f32>(frames.window + ((<usize>i) << 2), <f32>w);
  }
  return frames;
}

/** Bytes of a plane; not a power of two, which would set two planes on the same cache lines. */
// @ts-ignore: decorator
@inline
export function planeBytes(size: i32): usize {
  return (<usize>(size + 16)) << 2;
}

/** Whole frames in count samples. */
export function frameCount(frames: Frames, count: i32): i32 {
  return count < frames.size ? 0 : (count - frames.size) / frames.hop + 1;
}

/**
 * The spectra of two neighbouring frames.
 * @param x the signal's start
 * @param isPair whether B exists; else it is silent
 * @param re @param im planes, written
 */
export function analyse(frames: Frames, x: usize, frame: i32, isPair: bool, re: usize, im: usize): void {
  const bytes = (<usize>frames.size) << 2;
  const hopBytes = (<usize>frames.hop) << 2;
  const a = x + <usize>frame * hopBytes;
  const window = frames.window;
  for (let i: usize = 0; i < bytes; i += 16) {
    const w = v128.load(window + i);
    v128.store(re + i, f32x4.mul(w, v128.load(a + i)));
    if (isPair) v128.store(im + i, f32x4.mul(w, v128.load(a + hopBytes + i)));
  }
  if (!isPair) memory.fill(im, 0, bytes);
  transform(frames.fft, re, im);
  store<f32>(re + bytes, load<f32>(re));
  store<f32>(im + bytes, load<f32>(im));
}

/**
 * Put half of two frames' c[k] .. c[k + 3] and their mirror images into the planes of the way back. Lanes beyond
 * size / 2 must be 0, and the last vector come first: what it spoils, the mirror images of the others put right.
 * @param ar @param ai @param br @param bi half of c of frame A and of frame B
 */
// @ts-ignore: decorator
@inline
export function storeHalves(
  size: i32,
  k: i32,
  ar: v128,
  ai: v128,
  br: v128,
  bi: v128,
  re: usize,
  im: usize,
): void {
  const at = (<usize>k) << 2;
  const mirror = (<usize>(size - k - 3)) << 2;
  const mr = f32x4.add(ar, bi);
  const mi = f32x4.sub(br, ai);
  v128.store(re + at, f32x4.sub(ar, bi));
  v128.store(im + at, f32x4.add(ai, br));
  v128.store(re + mirror, v128.shuffle<f32>(mr, mr, 3, 2, 1, 0));
  v128.store(im + mirror, v128.shuffle<f32>(mi, mi, 3, 2, 1, 0));
}

/**
 * Go back from two frames' gradients to the samples they were made of.
 * @param re @param im planes made by storeHalves for every k
 * @param out f32: gradient of the signal, added to
 */
export function gather(frames: Frames, frame: i32, isPair: bool, re: usize, im: usize, out: usize): void {
  // the bins 0 and size / 2 are their own mirror images
  const middle = (<usize>frames.size) << 1;
  store<f32>(re, 2 * load<f32>(re));
  store<f32>(im, 2 * load<f32>(im));
  store<f32>(re + middle, 2 * load<f32>(re + middle));
  store<f32>(im + middle, 2 * load<f32>(im + middle));
  transform(frames.fft, re, im);
  const hopBytes = (<usize>frames.hop) << 2;
  const a = out + <usize>frame * hopBytes;
  addWindowed(frames, re, a);
  if (isPair) addWindowed(frames, im, a + hopBytes);
}

function addWindowed(frames: Frames, plane: usize, out: usize): void {
  const bytes = (<usize>frames.size) << 2;
  const window = frames.window;
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(out + i, madd4(v128.load(window + i), v128.load(plane + i), v128.load(out + i)));
  }
}
