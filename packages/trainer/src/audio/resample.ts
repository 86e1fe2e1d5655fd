/**
 * Band-limited resampling between any two rates: a windowed sinc, evaluated at each output sample's place in the input.
 * A model has one sample rate and recordings have others; read-recording.ts and note/prepare.ts call it.
 */

/** Stop band (dB) the Kaiser window is designed for: 10 more than promised, so that 100 are kept. */
const DESIGN_DB = 110;
/** The pass band ends here, as a fraction of the lower of the two rates: 19.8 kHz at 44.1 kHz. */
const PASS_EDGE = 0.45;
/** The stop band begins here: everything that could alias is beyond it. */
const STOP_EDGE = 0.5;
/** Kernel table entries per sample at the lower rate; linear interpolation between them is exact to about -145 dB. */
const TABLE_DENSITY = 4096;

const CUTOFF = PASS_EDGE + STOP_EDGE;
const BETA = 0.1102 * (DESIGN_DB - 8.7);
/** Half the kernel's length in samples at the lower rate, from Kaiser's formula for that transition width: 72. */
const HALF_WIDTH = Math.ceil((DESIGN_DB - 7.95) / (2.285 * 2 * Math.PI * (STOP_EDGE - PASS_EDGE)) / 2);

let kernelTable: Float64Array | undefined;

/**
 * Change the sample rate of a sound; time and pitch in seconds and Hz stay.
 * Pass band: 0 to 0.45 of the lower rate, flat to 0.001 dB. Stop band: from 0.5 of the lower rate, 100 dB down.
 * Linear phase without delay: output sample m lies at m / toRate seconds; beyond its ends the sound is taken as 0.
 * @param samples mono, any length
 * @param fromRate Hz, above 0, may be fractional
 * @param toRate Hz, above 0, may be fractional
 * @returns ceil(length * toRate / fromRate) samples; the input itself when the rates are equal; the same bits every time
 * @throws never
 * Source: Smith, "Digital Audio Resampling Home Page"; Kaiser's window design formulas. Tested in resample.test.ts.
 */
export function resample(samples: Float32Array, fromRate: number, toRate: number): Float32Array {
  if (fromRate === toRate) return samples;
  kernelTable ??= makeKernelTable();
  const table = kernelTable;
  const output = new Float32Array(Math.ceil((samples.length * toRate) / fromRate));

  // at a lower output rate the kernel is stretched, so that it cuts at the output's Nyquist frequency
  const stretch = Math.max(1, fromRate / toRate);
  const reach = HALF_WIDTH * stretch;
  const entriesPerSample = TABLE_DENSITY / stretch;
  for (let m = 0; m < output.length; m++) {
    const centre = (m * fromRate) / toRate;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(samples.length - 1, Math.floor(centre + reach));
    let sum = 0;
    for (let n = first; n <= last; n++) {
      const at = Math.abs(n - centre) * entriesPerSample;
      const entry = Math.floor(at);
      sum += samples[n] * (table[entry] + (at - entry) * (table[entry + 1] - table[entry]));
    }
    output[m] = sum / stretch;
  }
  return output;
}

/** One side of the symmetric kernel, t = 0 .. HALF_WIDTH samples, then zeros for the interpolation's last step. */
function makeKernelTable(): Float64Array {
  const table = new Float64Array(HALF_WIDTH * TABLE_DENSITY + 2);
  const norm = besselI0(BETA);
  for (let i = 0; i <= HALF_WIDTH * TABLE_DENSITY; i++) {
    const t = i / TABLE_DENSITY;
    const x = Math.PI * CUTOFF * t;
    const sinc = i === 0 ? CUTOFF : (CUTOFF * Math.sin(x)) / x;
    table[i] = (sinc * besselI0(BETA * Math.sqrt(1 - (t / HALF_WIDTH) ** 2))) / norm;
  }
  return table;
}

/** Modified Bessel function of the first kind, order 0, by its power series; |relative error| < 1e-15 for x <= 20. */
function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
