/**
 * How loud a sound is to a listener, so that recording, render and plain string can be compared at one loudness: who
 * hears one louder calls it better. The measure is that of broadcasting (ITU-R BS.1770: two filters for the head and the
 * ear, then the mean power of blocks, quiet ones left out).
 */

/** Blocks of 0.4 s, a new one every 0.1 s. */
const BLOCK_SECONDS = 0.4;
const HOP_SECONDS = 0.1;
/** Blocks quieter than this below the mean of all do not count (dB). */
const GATE_DB = 10;
/** Peak of the loudest sound once all are alike: 1 dB below full scale. */
const PEAK = 10 ** (-1 / 20);

/** Second-order section, a0 = 1. */
interface Section {
  b: [number, number, number];
  a: [number, number];
}

/** What a head does to sound: treble raised by 4 dB from 1.7 kHz on. Source: RBJ's audio EQ cookbook, high shelf. */
function headShelf(sampleRate: number): Section {
  const gain = 10 ** (4 / 40);
  const w = (2 * Math.PI * 1500) / sampleRate;
  const [cosine, alpha] = [Math.cos(w), Math.sin(w) / (2 * Math.SQRT1_2)];
  const root = 2 * Math.sqrt(gain) * alpha;
  const a0 = gain + 1 - (gain - 1) * cosine + root;
  return {
    b: [
      (gain * (gain + 1 + (gain - 1) * cosine + root)) / a0,
      (-2 * gain * (gain - 1 + (gain + 1) * cosine)) / a0,
      (gain * (gain + 1 + (gain - 1) * cosine - root)) / a0,
    ],
    a: [(2 * (gain - 1 - (gain + 1) * cosine)) / a0, (gain + 1 - (gain - 1) * cosine - root) / a0],
  };
}

/** What an ear leaves of the deepest: a high-pass at 38 Hz. Source: RBJ's audio EQ cookbook. */
function bassCut(sampleRate: number): Section {
  const w = (2 * Math.PI * 38.1) / sampleRate;
  const [cosine, alpha] = [Math.cos(w), Math.sin(w) / (2 * 0.5)];
  const a0 = 1 + alpha;
  const b = (1 + cosine) / 2 / a0;
  return { b: [b, -2 * b, b], a: [(-2 * cosine) / a0, (1 - alpha) / a0] };
}

function filter(x: Float64Array, { b, a }: Section): Float64Array {
  const y = new Float64Array(x.length);
  let [z1, z2] = [0, 0];
  for (let n = 0; n < x.length; n++) {
    y[n] = b[0] * x[n] + z1;
    z1 = b[1] * x[n] - a[0] * y[n] + z2;
    z2 = b[2] * x[n] - a[1] * y[n];
  }
  return y;
}

/**
 * Measure how loud a sound is.
 * @param x [samples] mono, full scale ±1; what is not finite counts as silence
 * @param sampleRate Hz
 * @returns LUFS; -Infinity for silence
 */
export function loudness(x: Float32Array, sampleRate: number): number {
  const sound = Float64Array.from(x, (value) => (Number.isFinite(value) ? value : 0));
  const heard = filter(filter(sound, headShelf(sampleRate)), bassCut(sampleRate));
  const size = Math.max(1, Math.min(heard.length, Math.round(BLOCK_SECONDS * sampleRate)));
  const hop = Math.max(1, Math.round(HOP_SECONDS * sampleRate));
  const powers: number[] = [];
  for (let start = 0; start + size <= heard.length; start += hop) {
    let sum = 0;
    for (let n = start; n < start + size; n++) sum += heard[n] * heard[n];
    powers.push(sum / size);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (powers.length === 0) return Number.NEGATIVE_INFINITY;
  const gate = mean(powers) * 10 ** (-GATE_DB / 10);
  const loud = powers.filter((power) => power >= gate);
  return -0.691 + 10 * Math.log10(mean(loud));
}

/**
 * Make sounds equally loud.
 * @returns a factor for each; the loudest peak then lies 1 dB below full scale. A silent sound keeps 1
 */
export function equalGains(sounds: readonly Float32Array[], sampleRate: number): number[] {
  const levels = sounds.map((x) => loudness(x, sampleRate));
  const raw = levels.map((level) => (Number.isFinite(level) ? 10 ** (-level / 20) : 1));
  const peaks = sounds.map((x, i) => (Number.isFinite(levels[i]) ? raw[i] * peak(x) : 0));
  const highest = Math.max(...peaks);
  return raw.map((gain, i) => (Number.isFinite(levels[i]) && highest > 0 ? (gain * PEAK) / highest : 1));
}

function peak(x: Float32Array): number {
  let most = 0;
  // a NaN exceeds nothing
  for (const value of x) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}
