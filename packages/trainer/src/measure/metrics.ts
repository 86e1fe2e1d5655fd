/**
 * The distances of a render from the recording it should sound like: one call, one `Metrics`. Called by `evaluate`,
 * by the report and at the end of training; the authority is the project's judge.py, matched within 2 %.
 * Letters: x target, y render, both [samples] from the same instant.
 */
import { type Metrics, type PartialMetrics, UserError } from "@neural-string/shared";
import { checkNote, compare, LEVEL_SECONDS, lastSeconds, mean, relativeDb, rms } from "./comparison.ts";
import { median } from "./decay-time.ts";
import {
  curveDistance,
  energyDecayCurve,
  energyDecayRelief,
  integratedNoise,
  reliefDistance,
} from "./energy-decay.ts";
import { audibleFloor, type NoiseFloor, noiseFloor } from "./noise-floor.ts";
import {
  ENVELOPE_BANDWIDTH,
  ENVELOPE_HOP,
  fitDecayTime,
  type PartialPeak,
  partialEnvelope,
  partialFrequencies,
} from "./partials.ts";
import { magnitudes, type Signal } from "./stft.ts";

/** What a measurement needs to know besides the two sounds. */
export interface MeasureOptions {
  /** Fundamental frequency of the target (Hz), good to about 1 %. */
  f0: number;
  /** Longest stretch to compare (s), > 0. */
  seconds?: number;
}

/** Partials whose envelopes are compared. */
const ENVELOPES = 16;
/** Partials whose pitch is compared. */
const PITCHES = 10;
/** Relative to the loudest partial (linear): 80 dB below it nothing is a partial, only the edge of a window. */
const FAINTEST = 1e-4;
/** A partial counts as followed in the target when it lies above its floor for this long (s). */
const FOLLOWED_SECONDS = 0.1;

/**
 * Measure a render against its target. Compared are the first `seconds` seconds, or all of a shorter target; the
 * target's noise is estimated from its end, 4 s or more after that, and taken as none where it ends sooner. A target
 * shorter than 2.1 s has its pitch read from 0.1 s to its end; spectra that do not fit the stretch are left out of the
 * LSD, partials beyond Nyquist out of everything. Non-finite render samples count as +-1e3.
 * @param render [samples] starting at the same instant as
 * @param target [samples] which runs on to the end of the recording
 * @param sampleRate Hz, of both
 * @throws UserError (one sentence) where a rate, f0, length or the target makes measuring impossible
 */
export function measureRender(
  render: Signal,
  target: Signal,
  sampleRate: number,
  { f0, seconds = 5 }: MeasureOptions,
): Metrics {
  checkNote(sampleRate, f0);
  if (!(seconds > 0)) throw new UserError(`seconds: expected more than 0, got ${seconds}`);
  const { x, y, startRms } = compare(render, target, sampleRate, seconds * sampleRate);
  const noise = noiseFloor(target, sampleRate, f0, seconds);

  const relief = energyDecayRelief(x, sampleRate);
  const reliefNoise = integratedNoise(noise(2048), sampleRate, relief.frames);
  const edrDb = reliefDistance(energyDecayRelief(y, sampleRate), relief, reliefNoise);
  if (edrDb === null) {
    throw new UserError(
      "target: expected sound 10 dB above its own noise, got less; nothing can be compared",
    );
  }
  const peaks = partialFrequencies(x, sampleRate, f0);
  const renderPeaks = partialFrequencies(y, sampleRate, f0);
  const cents = peaks.map((peak, i) => 1200 * Math.log2(renderPeaks[i].frequency / peak.frequency));
  const { partialDb, partials } = comparePartials({ x, y, sampleRate, noise, peaks, renderPeaks, cents });
  return {
    lsdDb: logSpectralDistance(x, y, noise),
    edrDb,
    edcDb: curveDistance(energyDecayCurve(y), energyDecayCurve(x)),
    partialDb,
    cents: median(cents.slice(0, PITCHES).map(Math.abs)),
    endRmsDb: relativeDb(rms(lastSeconds(y, LEVEL_SECONDS, sampleRate)), startRms),
    targetEndRmsDb: relativeDb(rms(lastSeconds(x, LEVEL_SECONDS, sampleRate)), startRms),
    dcEnd: mean(lastSeconds(y, 0.5, sampleRate)) / startRms,
    seconds: x.length / sampleRate,
    partials,
  };
}

/** Mean over STFTs of 512, 2048 and 8192 points of the RMS dB difference per frame, both sides floored. */
function logSpectralDistance(x: Float64Array, y: Float64Array, noise: NoiseFloor): number {
  const distances: number[] = [];
  for (const size of [512, 2048, 8192]) {
    const target = magnitudes(x, size, size / 4);
    const render = magnitudes(y, size, size / 4);
    if (target.frames === 0) continue;
    const peak = target.values.reduce((loudest, value) => Math.max(loudest, value), 0);
    const floor = audibleFloor(noise(size), peak);
    let sum = 0;
    for (let frame = 0; frame < target.frames; frame++) {
      let squares = 0;
      for (let k = 0; k < target.bins; k++) {
        const i = frame * target.bins + k;
        // most cells of a decayed sound lie below the floor on both sides: no logarithm for those
        if (target.values[i] <= floor[k] && render.values[i] <= floor[k]) continue;
        const ratio = Math.max(target.values[i], floor[k]) / Math.max(render.values[i], floor[k]);
        squares += Math.log10(ratio) ** 2;
      }
      sum += 20 * Math.sqrt(squares / target.bins);
    }
    distances.push(sum / target.frames);
  }
  return distances.reduce((sum, d) => sum + d, 0) / distances.length;
}

interface PartialComparison {
  x: Float64Array;
  y: Float64Array;
  sampleRate: number;
  noise: NoiseFloor;
  /** Of the target and, number by number, of the render. */
  peaks: PartialPeak[];
  renderPeaks: PartialPeak[];
  /** [peaks] render minus target. */
  cents: number[];
}

/** Envelope distance, pitch and decay of each partial. */
function comparePartials(comparison: PartialComparison): Pick<Metrics, "partialDb" | "partials"> {
  const { x, y, sampleRate, noise, peaks, renderPeaks, cents } = comparison;
  const frameRate = sampleRate / ENVELOPE_HOP;
  const power = noise(8192);
  const hissOf = (frequency: number) => {
    // a Hann window gathers the noise of 1.5 bins; the envelope's band is 24 Hz wide, both sides of the partial
    const perHz = power[Math.floor((frequency * 8192) / sampleRate)] / ((1.5 * sampleRate) / 8192);
    return 2 * Math.sqrt(perHz * 2 * ENVELOPE_BANDWIDTH);
  };
  const followed = peaks.slice(0, ENVELOPES);
  const targetEnvelopes = followed.map((peak) => partialEnvelope(x, sampleRate, peak.frequency));
  const renderEnvelopes = followed.map((peak) => partialEnvelope(y, sampleRate, peak.frequency));
  const faintest = FAINTEST * Math.max(...targetEnvelopes.map(loudest));
  const distances: number[] = [];
  const partials: PartialMetrics[] = [];
  followed.forEach((peak, i) => {
    const hiss = 4 * hissOf(peak.frequency);
    const floor = Math.max(loudest(targetEnvelopes[i]) / 100, hiss);
    const distance = envelopeDistance(targetEnvelopes[i], renderEnvelopes[i], floor);
    if (distance !== null) distances.push(distance);

    const floors = leakageFloor(followed, targetEnvelopes, i, Math.max(hiss, faintest));
    const fit = fitDecayTime(targetEnvelopes[i], { frameRate, floor: floors });
    if (!peak.isPeak || fit.followedSeconds < FOLLOWED_SECONDS) return;
    // a render out of tune leaves the target's band: follow it where it is
    const strays = Math.abs(renderPeaks[i].frequency - peak.frequency) > ENVELOPE_BANDWIDTH / 2;
    const envelope = strays ? partialEnvelope(y, sampleRate, renderPeaks[i].frequency) : renderEnvelopes[i];
    const renderFloors = leakageFloor(renderPeaks, renderEnvelopes, i, 0);
    const renderFit = fitDecayTime(envelope, { frameRate, floor: renderFloors, lastFrame: fit.lastFrame });
    const isKnown = fit.t60Seconds !== null && renderFit.t60Seconds !== null && renderPeaks[i].isPeak;
    partials.push({
      partial: peak.partial,
      frequency: peak.frequency,
      cents: cents[i],
      t60Seconds: fit.t60Seconds,
      t60Ratio: isKnown ? (renderFit.t60Seconds as number) / (fit.t60Seconds as number) : null,
    });
  });
  const partialDb =
    distances.length === 0 ? null : distances.reduce((sum, d) => sum + d, 0) / distances.length;
  return { partialDb, partials };
}

/** RMS dB difference of two envelopes where the target's is above `floor`; null where it never is. */
function envelopeDistance(target: Float64Array, render: Float64Array, floor: number): number | null {
  let squares = 0;
  let count = 0;
  for (let i = 0; i < target.length; i++) {
    if (target[i] <= floor) continue;
    squares += (20 * Math.log10(target[i] / Math.max(render[i], floor / 10))) ** 2;
    count++;
  }
  return count === 0 ? null : Math.sqrt(squares / count);
}

/**
 * What a partial must exceed, frame by frame, to be itself: `floor`, and 12 dB above what its two neighbours leak into
 * its band. A weak partial that dies beside a strong one would otherwise inherit the neighbour's T60.
 */
function leakageFloor(
  peaks: PartialPeak[],
  envelopes: Float64Array[],
  i: number,
  floor: number,
): Float64Array {
  const floors = new Float64Array(envelopes[i].length).fill(floor);
  for (const j of [i - 1, i + 1]) {
    if (j < 0 || j >= envelopes.length) continue;
    const distance = (peaks[j].frequency - peaks[i].frequency) / ENVELOPE_BANDWIDTH;
    const leak = 4 / (1 + distance ** 4); // the filter runs twice: its power response, as a gain
    for (let frame = 0; frame < floors.length; frame++) {
      floors[frame] = Math.max(floors[frame], leak * envelopes[j][frame]);
    }
  }
  return floors;
}

function loudest(envelope: Float64Array): number {
  return envelope.reduce((most, a) => Math.max(most, a), 0);
}
