/**
 * How much energy a sound still has to give after each moment: the energy decay relief (EDR, per band) and the energy
 * decay curve (EDC, all bands). The distances in `metrics.ts` and `closed-loop.ts` compare them, the report draws them.
 * Source: Smith, Physical Audio Signal Processing, "Energy Decay Relief"; bands and frames as in judge.py.
 */
import { magnitudes, type Signal } from "./stft.ts";

const SIZE = 2048;
const HOP = 512;
/** Bands of the relief: one below 60 Hz, then 24 of equal width in log frequency up to 16 kHz. */
const BANDS = 25;
/** Added to every cell, so that silence and bands above Nyquist stay finite in dB (-200 dB of full scale). */
const TINY = 1e-20;

/** Energy remaining per band and frame. */
export interface EnergyDecayRelief {
  bands: number;
  frames: number;
  /** [bands + 1] Hz: band b holds the bins with edges[b] <= frequency < edges[b + 1]. */
  edges: Float64Array;
  /** [frames] seconds from the first sample to the centre of each frame. */
  times: Float64Array;
  /** [bands, frames] row by row: `energy[band * frames + frame]`, summed from that frame to the last; linear, > 0. */
  energy: Float64Array;
}

/**
 * Compute the energy decay relief (STFT 2048/512, integrated backwards from the end).
 * @param x [samples]; shorter than 2048 gives a relief of 0 frames
 * @param sampleRate Hz; bands above Nyquist hold next to nothing and never count
 */
export function energyDecayRelief(x: Signal, sampleRate: number): EnergyDecayRelief {
  const { frames, bins, values } = magnitudes(x, SIZE, HOP);
  const edges = bandEdges();
  const bandOfBin = Int8Array.from(bandsOfBins(sampleRate));
  const energy = new Float64Array(BANDS * frames).fill(TINY);
  for (let frame = 0; frame < frames; frame++) {
    for (let k = 0; k < bins; k++) {
      const magnitude = values[frame * bins + k];
      if (bandOfBin[k] >= 0) energy[bandOfBin[k] * frames + frame] += magnitude * magnitude;
    }
  }
  for (let band = 0; band < BANDS; band++) {
    for (let i = (band + 1) * frames - 2; i >= band * frames; i--) energy[i] += energy[i + 1];
  }
  const times = Float64Array.from({ length: frames }, (_, i) => (i * HOP + SIZE / 2) / sampleRate);
  return { bands: BANDS, frames, edges, times, energy };
}

/**
 * Convert a relief to dB.
 * @param reference linear energy that reads 0 dB; default the loudest cell (give the target's to compare two reliefs)
 * @returns [bands, frames] row by row, dB
 */
export function energyDecayReliefDb(
  relief: EnergyDecayRelief,
  reference = loudestCell(relief),
): Float64Array {
  return relief.energy.map((energy) => 10 * Math.log10(energy / reference));
}

/** Find the loudest cell of a relief: linear energy, > 0. It is the 0 dB of every comparison with that sound. */
export function loudestCell(relief: EnergyDecayRelief): number {
  return relief.energy.reduce((loudest, energy) => Math.max(loudest, energy), 0);
}

/**
 * Integrate noise the way a relief integrates sound, so that the two can be compared cell by cell.
 * @param power [1025] noise power per bin of a 2048-point spectrum, as `noiseFloor(...)(2048)` gives it
 * @returns [bands, frames] row by row, linear, > 0
 */
export function integratedNoise(power: Float64Array, sampleRate: number, frames: number): Float64Array {
  const perFrame = new Float64Array(BANDS);
  bandsOfBins(sampleRate).forEach((band, k) => {
    if (band >= 0) perFrame[band] += power[k];
  });
  return Float64Array.from(
    { length: BANDS * frames },
    (_, i) => perFrame[Math.floor(i / frames)] * (frames - (i % frames)) + 1e-30,
  );
}

/**
 * Compare two reliefs: mean |difference| in dB over the cells where the target lies within 60 dB of its loudest cell
 * and 10 dB above the integrated noise; both sides are floored 80 dB below that cell.
 * @param noise [bands, frames] linear, from `integratedNoise`
 * @returns dB, >= 0; null where no cell of the target qualifies
 */
export function reliefDistance(
  render: EnergyDecayRelief,
  target: EnergyDecayRelief,
  noise: Float64Array,
): number | null {
  const reference = loudestCell(target);
  const x = energyDecayReliefDb(target, reference);
  const y = energyDecayReliefDb(render, reference);
  let sum = 0;
  let cells = 0;
  for (let i = 0; i < x.length; i++) {
    if (x[i] <= -60 || x[i] <= 10 * Math.log10(noise[i] / reference) + 10) continue;
    sum += Math.abs(Math.max(x[i], -80) - Math.max(y[i], -80));
    cells++;
  }
  return cells === 0 ? null : sum / cells;
}

/**
 * Compute the energy decay curve: what remains from each sample to the end.
 * @param x [samples]
 * @returns [samples], linear; the first entry is the energy of the whole
 */
export function energyDecayCurve(x: Signal): Float64Array {
  const curve = new Float64Array(x.length);
  let energy = 0;
  for (let i = x.length - 1; i >= 0; i--) {
    energy += x[i] * x[i];
    curve[i] = energy;
  }
  return curve;
}

/**
 * Convert an energy decay curve to dB; -120 dB is the lowest value there is.
 * @param reference linear energy that reads 0 dB, > 0; default the curve's own start
 * @returns [samples] dB
 */
export function energyDecayCurveDb(curve: Float64Array, reference = curve[0]): Float64Array {
  return curve.map((energy) => 10 * Math.log10(energy / reference + 1e-12));
}

/**
 * Compare two decay curves: mean |difference| in dB while the target is within 60 dB of its start, over the first
 * 90 % of its samples (the last tenth of a backward integral says more about where it was cut than about the string).
 * @param render [samples] and
 * @param target [samples], equally long, linear, from `energyDecayCurve`; target[0] > 0
 * @returns dB, >= 0
 */
export function curveDistance(render: Float64Array, target: Float64Array): number {
  const x = energyDecayCurveDb(target);
  const y = energyDecayCurveDb(render, target[0]);
  let sum = 0;
  let count = 0;
  for (let i = 0; i < 0.9 * x.length; i++) {
    if (x[i] <= -60) continue;
    sum += Math.abs(x[i] - y[i]);
    count++;
  }
  return sum / count;
}

function bandEdges(): Float64Array {
  const edges = new Float64Array(BANDS + 1);
  for (let i = 1; i < BANDS; i++) edges[i] = 60 * (16000 / 60) ** ((i - 1) / (BANDS - 1));
  edges[BANDS] = 16000;
  return edges;
}

/** The band of each bin of a 2048-point spectrum, -1 where none. */
function bandsOfBins(sampleRate: number): number[] {
  const edges = bandEdges();
  return Array.from({ length: SIZE / 2 + 1 }, (_, k) => {
    const frequency = (k * sampleRate) / SIZE;
    return frequency >= edges[BANDS] ? -1 : edges.findLastIndex((edge) => frequency >= edge);
  });
}
