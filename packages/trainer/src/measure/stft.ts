/**
 * Magnitude spectra of real signals: the short-time Fourier transform and one long zero-padded spectrum.
 * Everything in `measure/` that looks at frequencies comes through here, so that FFT plans and windows are made once.
 */
import FFT from "fft.js";

/** A mono sound: [samples], linear amplitude. Measured in float64 whatever it is stored in. */
export type Signal = Float32Array | Float64Array;

/** Magnitudes of an STFT, frame after frame. */
export interface Magnitudes {
  /** Number of frames; 0 where the signal is shorter than one frame. */
  frames: number;
  /** Bins per frame: size / 2 + 1, bin k at k * sampleRate / size (Hz). */
  bins: number;
  /** [frames, bins] row by row: `values[frame * bins + bin]`, linear; a sine of amplitude a reads a / 2. */
  values: Float64Array;
}

interface Plan {
  fft: FFT;
  input: Float64Array; // [size]
  output: Float64Array; // [2 * size], re and im interleaved
}

const plans = new Map<number, Plan>();
const windows = new Map<number, Float64Array>();

/**
 * Compute the magnitudes of the short-time Fourier transform: periodic Hann window, scaled by 1 / sum(window),
 * no padding at either end, no detrending. Frame i starts at sample i * hop; samples after the last whole frame
 * are not seen.
 * @param x [samples], any length
 * @param size samples per frame, a power of two from 4
 * @param hop samples from frame to frame, from 1
 * @throws Error from fft.js where size is not a power of two
 * Source: what scipy.signal.stft computes with boundary=None, padded=False, as judge.py calls it.
 */
export function magnitudes(x: Signal, size: number, hop: number): Magnitudes {
  const { fft, input, output } = planFor(size);
  const window = hann(size);
  const frames = x.length < size ? 0 : Math.floor((x.length - size) / hop) + 1;
  const bins = size / 2 + 1;
  const values = new Float64Array(frames * bins);
  const scale = 2 / size; // sum of a periodic Hann window is size / 2
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * hop;
    for (let i = 0; i < size; i++) input[i] = x[start + i] * window[i];
    fft.realTransform(output, input);
    const row = frame * bins;
    for (let k = 0; k < bins; k++) {
      const re = output[2 * k];
      const im = output[2 * k + 1];
      values[row + k] = scale * Math.sqrt(re * re + im * im);
    }
  }
  return { frames, bins, values };
}

/**
 * Compute one magnitude spectrum of a whole stretch under a symmetric Hann window, zero-padded to `size`.
 * @param x [samples], at most `size` of them
 * @param size points of the transform, a power of two from 4
 * @returns [size / 2 + 1], linear, not scaled
 */
export function zoomedSpectrum(x: Signal, size: number): Float64Array {
  const { fft, input, output } = planFor(size);
  const step = (2 * Math.PI) / Math.max(1, x.length - 1);
  for (let i = 0; i < x.length; i++) input[i] = x[i] * (0.5 - 0.5 * Math.cos(step * i));
  input.fill(0, x.length);
  fft.realTransform(output, input);
  const spectrum = new Float64Array(size / 2 + 1);
  for (let k = 0; k < spectrum.length; k++) {
    spectrum[k] = Math.sqrt(output[2 * k] * output[2 * k] + output[2 * k + 1] * output[2 * k + 1]);
  }
  return spectrum;
}

function planFor(size: number): Plan {
  let plan = plans.get(size);
  if (plan === undefined) {
    plan = { fft: new FFT(size), input: new Float64Array(size), output: new Float64Array(2 * size) };
    plans.set(size, plan);
  }
  return plan;
}

function hann(size: number): Float64Array {
  let window = windows.get(size);
  if (window === undefined) {
    window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
    windows.set(size, window);
  }
  return window;
}
