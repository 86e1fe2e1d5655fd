/**
 * Finds where a note begins: the first sample that belongs to it, after silence or noise; and where its file ends.
 * A string model counts from the onset, and what comes before would be learned as string. prepare.ts and checks.ts call it.
 */

/** Length of the level blocks (s): short against any attack, long enough to hold several samples. */
const BLOCK_SECONDS = 0.001;
/** The note has surely begun where a block reaches this fraction of the loudest one (-20 dB). */
const SURE_FRACTION = 0.1;
/** The note is over the noise where a block exceeds the lead-in's loudest blocks by this factor. */
const NOISE_FACTOR = 2;
/** Never look for the note's start further down than this fraction of its peak (-70 dB). */
const QUIET_FRACTION = 3e-4;
/** Blocks in a row under the gate that end the walk back: longer than the note's own zero crossings. */
const QUIET_BLOCKS = 3;
/** A lead-in shorter than this (s) may be a flat part of one period of the lowest string (25 Hz). */
const PERIOD_SECONDS = 0.045;

/**
 * Find the first sample of the note.
 * @param samples mono, any level; an offset (DC) is allowed
 * @param sampleRate Hz
 * @returns index of the note's first sample, within about 1 ms (later by the time a slow attack needs to leave the
 *   noise); 0 for a recording that starts within the decay or has less than 3 ms before the note, and for silence
 * @throws never
 */
export function findOnset(samples: Float32Array, sampleRate: number): number {
  const size = Math.max(1, Math.round(BLOCK_SECONDS * sampleRate));
  const offset = mean(samples);
  const levels = blockPeaks(samples, size, offset);
  const loudest = levels.reduce((a, b) => Math.max(a, b), 0);
  const sure = levels.findIndex((level) => level > SURE_FRACTION * loudest);
  if (sure <= 0) return 0;

  // walk back from where the note surely sounds to where it leaves the noise
  const gate = Math.max(NOISE_FACTOR * noiseLevel(levels, sure), QUIET_FRACTION * loudest);
  let start = sure;
  let quiet = 0;
  for (let block = sure - 1; block >= 0 && quiet < QUIET_BLOCKS; block--) {
    if (levels[block] > gate) {
      start = block;
      quiet = 0;
    } else {
      quiet++;
    }
  }
  if (start < QUIET_BLOCKS) return 0;
  const seconds = (start * size) / sampleRate;
  if (seconds < PERIOD_SECONDS && quietRecurs(levels, start, gate)) return 0;
  return firstAbove(samples, start * size, gate, offset);
}

/**
 * Find where a recording ends but for digital silence.
 * @param samples mono
 * @returns index after the last sample that is not exactly 0; 0 for silence
 * @throws never
 */
export function endOfSound(samples: Float32Array): number {
  let end = samples.length;
  while (end > 0 && samples[end - 1] === 0) end--;
  return end;
}

/** The loud end of the lead-in's blocks; the last few are left out, where the attack may have begun. */
function noiseLevel(levels: Float64Array, sure: number): number {
  const lead = levels.slice(0, Math.max(1, sure - 10)).sort();
  return lead[Math.floor(0.95 * (lead.length - 1))];
}

/** A waveform with flat parts repeats them every period; silence before a note does not come again. */
function quietRecurs(levels: Float64Array, start: number, gate: number): boolean {
  const until = Math.min(levels.length, start + Math.round((2 * PERIOD_SECONDS) / BLOCK_SECONDS));
  let run = 0;
  for (let block = start; block < until; block++) {
    run = levels[block] <= gate ? run + 1 : 0;
    if (run >= start) return true;
  }
  return false;
}

function firstAbove(samples: Float32Array, from: number, gate: number, offset: number): number {
  let index = from;
  while (index < samples.length && Math.abs(samples[index] - offset) <= gate) index++;
  return index < samples.length ? index : 0;
}

function blockPeaks(samples: Float32Array, size: number, offset: number): Float64Array {
  const levels = new Float64Array(Math.ceil(samples.length / size));
  for (let i = 0; i < samples.length; i++) {
    const block = Math.floor(i / size);
    levels[block] = Math.max(levels[block], Math.abs(samples[i] - offset));
  }
  return levels;
}

function mean(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample;
  return samples.length > 0 ? sum / samples.length : 0;
}
