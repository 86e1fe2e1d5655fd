// How fast the string is losing energy just now, as a number the network can take as an input: log10 of the energy
// of the last window over that of the window before, minus the recording's mean, over `scale`, smoothed over about
// one period and clipped to -1 .. 1 (below 0 faster than usual, above 0 slower).
//
//   older window            last window          n
//   [ n-2W ........ n-W-1 ] [ n-W ........ n-1 ] .

import { allocate } from "./arena";
import { EnergyMeter, createEnergyMeter, energyMeterAdvance, energyMeterReset } from "./energy-meter";

// Energy that counts as silence: it is added on both sides, so that silence neither rises nor falls.
const SILENCE: f64 = 1e-18;

@unmanaged
export class DecayMeter {
  last: EnergyMeter;
  older: EnergyMeter;
  window: i32; // samples
  mean: f64; // of log10(last / older) over the recording
  scale: f64;
  halfLife: f64; // samples
  value: f64; // smoothed, not yet clipped
}

export function createDecayMeter(window: i32, mean: f64, scale: f64, halfLife: f64): DecayMeter {
  const meter = changetype<DecayMeter>(allocate(offsetof<DecayMeter>()));
  meter.last = createEnergyMeter(window);
  meter.older = createEnergyMeter(window);
  meter.window = window;
  meter.mean = mean;
  meter.scale = scale;
  meter.halfLife = halfLife;
  return meter;
}

/** Start on a past that ends just before `at`; 2 W samples of it must be readable. */
export function decayMeterReset(meter: DecayMeter, at: usize): void {
  energyMeterReset(meter.last, at);
  energyMeterReset(meter.older, at - ((<usize>meter.window) << 2));
  meter.value = 0;
}

/** Move on by `count` samples from `at`, and return the feature for the sample after them. */
export function decayMeterAdvance(meter: DecayMeter, at: usize, count: i32): f64 {
  energyMeterAdvance(meter.last, at, count);
  energyMeterAdvance(meter.older, at - ((<usize>meter.window) << 2), count);
  const ratio = Math.LOG10E * Math.log((meter.last.sum + SILENCE) / (meter.older.sum + SILENCE));
  const target = (ratio - meter.mean) / meter.scale;
  const stay = Math.exp((-Math.LN2 * <f64>count) / meter.halfLife);
  meter.value = target + (meter.value - target) * stay;
  return min<f64>(1, max<f64>(-1, meter.value));
}

/**
 * The decay feature at every sample of a recording.
 * @param samplesPtr f32 x frames, with 2 * window readable samples before it
 * @param outPtr f32 x frames; out[n] looks at samples before n only
 */
export function decayFeature(
  samplesPtr: usize,
  frames: i32,
  window: i32,
  mean: f64,
  scale: f64,
  halfLife: f64,
  outPtr: usize,
): void {
  const meter = createDecayMeter(window, mean, scale, halfLife);
  decayMeterReset(meter, samplesPtr);
  let value: f64 = 0;
  for (let n = 0; n < frames; ++n) {
    store<f32>(outPtr + ((<usize>n) << 2), <f32>value);
    value = decayMeterAdvance(meter, samplesPtr + ((<usize>n) << 2), 1);
  }
}
