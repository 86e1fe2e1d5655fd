/**
 * Measures one partial of a sound, for tests of the generators: a Hann-windowed Fourier sum at a known place, and how
 * its phase and level move from an early window to a late one. Independent of the product's own measuring.
 */

export interface Partial {
  /** Linear, of the first window. */
  amplitude: number;
  /** Hz, from the turn of the phase between the windows; right where the guess is within 1 / (2 (to - from)). */
  hz: number;
  /** Seconds to fall 60 dB, from the levels of the two windows. */
  t60: number;
}

/**
 * Measure the partial near a frequency.
 * @param guess Hz
 * @param times seconds: the early window's start, the late one's, and their width
 */
export function partialAt(
  sound: ArrayLike<number>,
  sampleRate: number,
  guess: number,
  { from, to, width }: { from: number; to: number; width: number },
): Partial {
  const length = Math.round(width * sampleRate);
  const [a, b] = [from, to].map((t) =>
    fourierSum(sound, Math.round(t * sampleRate), length, guess / sampleRate),
  );
  const seconds = Math.round(to * sampleRate) / sampleRate - Math.round(from * sampleRate) / sampleRate;
  const turn = Math.atan2(b.im * a.re - b.re * a.im, b.re * a.re + b.im * a.im);
  const fallDb = 20 * Math.log10(Math.hypot(a.re, a.im) / Math.hypot(b.re, b.im));
  return {
    amplitude: Math.hypot(a.re, a.im),
    hz: guess + turn / (2 * Math.PI * seconds),
    t60: (60 * seconds) / fallDb,
  };
}

/** Windowed sum at a frequency (cycles per sample); its phase counts from sample 0 of the sound. */
function fourierSum(x: ArrayLike<number>, start: number, length: number, cycles: number) {
  let [re, im] = [0, 0];
  for (let i = 0; i < length; i++) {
    const hann = (1 - Math.cos((2 * Math.PI * (i + 0.5)) / length)) / length;
    const angle = 2 * Math.PI * cycles * (start + i);
    re += 2 * hann * x[start + i] * Math.cos(angle);
    im -= 2 * hann * x[start + i] * Math.sin(angle);
  }
  return { re, im };
}
