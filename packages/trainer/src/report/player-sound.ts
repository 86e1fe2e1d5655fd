/**
 * Sounds for the page's audio players: 16-bit WAV as data URIs, so that the report is one file and any browser plays it.
 * One gain for all sounds of a judgement, because a render that is too quiet should be heard to be too quiet.
 */
import type { JudgedSound } from "./sound-plots.ts";

/** What the players of one judgement play. */
export interface PlayerSounds {
  /** data:audio/wav URIs. */
  target: string;
  render: string;
  karplusStrong: string | null;
  /** Applied to all of them (dB). */
  gainDb: number;
  /** Seconds of sound in each. */
  seconds: number;
  /** Whether something louder than four times the recording was cut off. */
  clipped: boolean;
}

/** Peak of the loudest sound: 1 dB below full scale. */
const PEAK = 10 ** (-1 / 20);
/** A render that blows up must not make the recording inaudible, nor hurt: beyond 12 dB over the recording it is clipped. */
const LOUDEST_OVER_TARGET = 4;

/**
 * Make the sounds of one judgement's players.
 * @param sound already cut to what was compared
 * @param seconds at most this much of each
 */
export function playerSounds(sound: JudgedSound, seconds: number): PlayerSounds {
  const { sampleRate, target, render, karplusStrong } = sound;
  const cut = (x: Float32Array) => x.subarray(0, Math.floor(seconds * sampleRate));
  const sounds = [target, render, ...(karplusStrong ? [karplusStrong] : [])].map(cut);
  const peaks = sounds.map(peak);
  const limit = peaks[0] > 0 ? LOUDEST_OVER_TARGET * peaks[0] : Number.POSITIVE_INFINITY;
  const loudest = Math.min(Math.max(...peaks), limit);
  const gain = loudest > 0 ? PEAK / loudest : 1;
  const uri = (x: Float32Array) => `data:audio/wav;base64,${wav16(x, gain, sampleRate).toString("base64")}`;
  return {
    target: uri(sounds[0]),
    render: uri(sounds[1]),
    karplusStrong: sounds.length > 2 ? uri(sounds[2]) : null,
    gainDb: 20 * Math.log10(gain),
    seconds: sounds[0].length / sampleRate,
    clipped: Math.max(...peaks) > loudest,
  };
}

/** Largest finite magnitude. */
function peak(x: Float32Array): number {
  let most = 0;
  for (const value of x) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  return most;
}

/**
 * Encode mono samples as a 16-bit WAV file. Dithered (triangular, +-1 step): the tail of a decaying string would
 * otherwise crackle away in steps. What is not a number plays as silence.
 */
export function wav16(x: Float32Array, gain: number, sampleRate: number): Buffer {
  const bytes = Buffer.alloc(44 + 2 * x.length);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(Math.round(sampleRate), 24);
  bytes.writeUInt32LE(2 * Math.round(sampleRate), 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(2 * x.length, 40);
  // linear congruential generator of Numerical Recipes: the same report from the same run, byte for byte
  let state = 1;
  const random = () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  for (let n = 0; n < x.length; n++) {
    const dither = random() - random();
    const value = Number.isNaN(x[n]) ? 0 : x[n] * gain * 32767 + dither;
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(value))), 44 + 2 * n);
  }
  return bytes;
}
