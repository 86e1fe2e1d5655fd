// A stiff string as a sum of decaying partials whose pitch, decay and amplitude are given, so that what an analysis
// or a training finds can be compared with the truth. Each partial sounds in two polarisations, slightly apart in
// pitch and decay, which gives the beating and the two-stage decay of real strings.
//
//   f_m = m f0 sqrt(1 + B m^2)        a_m ~ sin(pi m p) / m^2       (plucked at the fraction p, seen as displacement)
//   y[n] = sum over m, polarisation of  a w^n cos(2 pi f n / fs + phase),   w = 10^(-3 / (T60 fs))
//
// In float64, by rotating a complex number per partial; a rounding error of 1e-16 per sample stays below 1e-10 of
// the partial in ten seconds. Partials at or above 0.49 fs are left out.
//
// Memory: four f64 a partial and polarisation; the sound in f64 until its peak is known.
// Cost: 2.4 ns a sample and partial (each polarisation is one) (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { allocate, arenaMark, arenaRelease } from "./arena";
import { nextRandom, seedRandom } from "./random";
import { sine } from "./sine";

const MODE_BYTES: usize = 32; // f64 x 4: real, imaginary, rotation real, rotation imaginary

/**
 * Generate a stiff string.
 * @param outPtr f32 x frames
 * @param f0 Hz, of the ideal string without stiffness
 * @param inharmonicity B, >= 0
 * @param t60Ptr f64 x partials, seconds: time for each partial to fall 60 dB, first polarisation
 * @param pluckPosition fraction of the string's length, 0 < p <= 0.5
 * @param detuneCents the second polarisation's pitch minus the first's
 * @param secondMix share of the second polarisation in the amplitude, 0 .. 1
 * @param secondT60Ratio its T60 over the first's
 * @param level peak of the whole, linear
 */
export function stiffString(
  outPtr: usize,
  frames: i32,
  sampleRate: f64,
  f0: f64,
  inharmonicity: f64,
  t60Ptr: usize,
  partials: i32,
  pluckPosition: f64,
  detuneCents: f64,
  secondMix: f64,
  secondT60Ratio: f64,
  level: f64,
  seed: u32,
): void {
  const mark = arenaMark();
  seedRandom(seed);
  const modes = allocate((<usize>(2 * partials)) * MODE_BYTES);
  let count = 0;
  for (let m = 1; m <= partials; ++m) {
    const amplitude = sine(Math.PI * m * pluckPosition) / (<f64>m * m);
    const frequency = m * f0 * Math.sqrt(1 + inharmonicity * m * m);
    const t60 = load<f64>(t60Ptr + ((<usize>(m - 1)) << 3));
    for (let polarisation = 0; polarisation < 2; ++polarisation) {
      const second = polarisation == 1;
      const phase = 2 * Math.PI * nextRandom();
      const share = second ? secondMix : 1 - secondMix;
      const f = second ? frequency * Math.exp((Math.LN2 / 1200) * detuneCents) : frequency;
      if (f >= 0.49 * sampleRate || share == 0) continue;
      const decay = Math.exp((-3 * Math.LN10) / ((second ? t60 * secondT60Ratio : t60) * sampleRate));
      const w = (2 * Math.PI * f) / sampleRate;
      const mode = modes + <usize>count * MODE_BYTES;
      store<f64>(mode, amplitude * share * Math.cos(phase));
      store<f64>(mode, amplitude * share * sine(phase), 8);
      store<f64>(mode, decay * Math.cos(w), 16);
      store<f64>(mode, decay * sine(w), 24);
      count++;
    }
  }

  const sound = allocate((<usize>frames) << 3);
  for (let i = 0; i < count; ++i) addMode(modes + <usize>i * MODE_BYTES, sound, frames);

  let peak: f64 = 0;
  for (let n = 0; n < frames; ++n) peak = max(peak, abs(load<f64>(sound + ((<usize>n) << 3))));
  const scale = peak > 0 ? level / peak : 0;
  for (let n = 0; n < frames; ++n) {
    const y = scale * load<f64>(sound + ((<usize>n) << 3));
    store<f32>(outPtr + ((<usize>n) << 2), abs(y) < 1e-15 ? 0 : <f32>y); // no subnormals for whoever reads on
  }
  arenaRelease(mark);
}

/** Add one decaying partial to a signal: f64 x frames. */
function addMode(mode: usize, sound: usize, frames: i32): void {
  let re = load<f64>(mode);
  let im = load<f64>(mode, 8);
  const c = load<f64>(mode, 16);
  const s = load<f64>(mode, 24);
  for (let n = 0; n < frames; ++n) {
    const p = sound + ((<usize>n) << 3);
    store<f64>(p, load<f64>(p) + re);
    const next = re * c - im * s;
    im = re * s + im * c;
    re = next;
    // far below float32: stop before the numbers become subnormal
    if (abs(re) + abs(im) < 1e-200) return;
  }
}
