/**
 * Audio files made by hand, byte by byte, and sounds of known pitch to put into them.
 * The tests of trainer/audio and trainer/note use it; it shares no code with what they test.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The repository's root, with a separator at its end. */
export const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));

/** Real recordings that are not part of the repository; undefined where they are absent. */
export const stratFolder = presentOrUndefined(join(repositoryRoot, "../shared/data/strat-low-e"));

/** The path of a file under tests/goldens/audio. */
export function goldenAudio(name: string): string {
  return join(repositoryRoot, "tests/goldens/audio", name);
}

/** The path of a piano note of the npm packages, e.g. (8, "A1"). */
export function pianoNote(velocity: 8 | 10 | 12, note: string): string {
  const folder = `packages/trainer/node_modules/@audio-samples/piano-velocity${velocity}/audio`;
  return join(repositoryRoot, folder, `${note}v${velocity}.ogg`);
}

/** Make a folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "neural-string-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A RIFF or IFF chunk, padded to an even length. */
export function chunk(id: string, body: Uint8Array | number[], endian: "little" | "big" = "little"): Buffer {
  const size = Buffer.alloc(4);
  if (endian === "little") size.writeUInt32LE(body.length);
  else size.writeUInt32BE(body.length);
  return Buffer.concat([Buffer.from(id, "latin1"), size, Buffer.from(body), Buffer.alloc(body.length % 2)]);
}

/** The body of a 'fmt ' chunk. */
export function waveFormat(tag: number, channels: number, sampleRate: number, bits: number): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(sampleRate, 4);
  body.writeUInt32LE((sampleRate * channels * bits) / 8, 8);
  body.writeUInt16LE((channels * bits) / 8, 12);
  body.writeUInt16LE(bits, 14);
  return body;
}

/** A RIFF file of these chunks. */
export function riff(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from("WAVE", "latin1"), ...chunks]);
  return chunk("RIFF", body);
}

/** An AIFF (no type) or AIFF-C file; `rate` is the ten bytes of the sampling rate. */
export function aiff(bits: number, frames: number, data: number[], type?: string): Buffer {
  const common = Buffer.alloc(8);
  common.writeInt16BE(1, 0);
  common.writeUInt32BE(frames, 2);
  common.writeInt16BE(bits, 6);
  const rate44100 = Buffer.from([0x40, 0x0e, 0xac, 0x44, 0, 0, 0, 0, 0, 0]);
  const named = type ? [Buffer.from(`${type}\0\0`, "latin1")] : [];
  return chunk(
    "FORM",
    Buffer.concat([
      Buffer.from(type ? "AIFC" : "AIFF", "latin1"),
      chunk("COMM", Buffer.concat([common, rate44100, ...named]), "big"),
      chunk("SSND", [0, 0, 0, 0, 0, 0, 0, 0, ...data], "big"),
    ]),
    "big",
  );
}

/** What a string of known f0 and B sounds like. */
export interface KnownString {
  f0: number;
  inharmonicity?: number;
  seconds: number;
  sampleRate: number;
  /** Largest sample, about; default 0.5. */
  level?: number;
  /** Seconds of silence before the note; default 0. */
  lead?: number;
  /** Amplitude of the fundamental against the next partials; default 1. */
  fundamental?: number;
  /** RMS of white noise, over the whole recording; default 0. */
  noise?: number;
  /** Time constant of the fundamental (s); partial n decays n^0.7 times faster; default 1.5. */
  decaySeconds?: number;
}

/** Synthesise decaying partials n f0 sqrt(1 + B n^2), amplitudes 1/n, seeded phases, plucked at 0.21 of the length. */
export function knownString(string: KnownString): Float32Array {
  const { f0, inharmonicity = 0, seconds, sampleRate, level = 0.5, lead = 0, noise = 0 } = string;
  const { fundamental = 1, decaySeconds = 1.5 } = string;
  const random = seededRandom(7);
  const start = Math.round(lead * sampleRate);
  const sound = new Float64Array(Math.round(seconds * sampleRate) + start);
  for (let n = 1; n <= 25; n++) {
    const frequency = n * f0 * Math.sqrt(1 + inharmonicity * n * n);
    if (frequency > 0.4 * sampleRate) break;
    const amplitude = ((n === 1 ? fundamental : 1) * Math.abs(Math.sin(Math.PI * n * 0.21)) ** 0.5) / n;
    const phase = 2 * Math.PI * random();
    // a decaying phasor, turned by one sample at a time
    const decay = Math.exp(-(n ** 0.7) / decaySeconds / sampleRate);
    const turn = (2 * Math.PI * frequency) / sampleRate;
    const [stepRe, stepIm] = [decay * Math.cos(turn), decay * Math.sin(turn)];
    let [re, im] = [amplitude * Math.cos(phase), amplitude * Math.sin(phase)];
    for (let i = start; i < sound.length; i++) {
      sound[i] += re;
      [re, im] = [re * stepRe - im * stepIm, re * stepIm + im * stepRe];
    }
  }
  const peak = sound.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 0);
  return Float32Array.from(sound, (sample) => (level * sample) / peak + noise * gaussian(random));
}

/** White noise of the given RMS. */
export function whiteNoise(length: number, rms: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => rms * gaussian(random));
}

/** A pure tone. */
export function sine(frequency: number, length: number, sampleRate: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate),
  );
}

/** The sum of sounds, as long as the longest; later ones begin at their offset (samples). */
export function mix(...parts: { sound: Float32Array; at?: number; gain?: number }[]): Float32Array {
  const sum = new Float32Array(Math.max(...parts.map(({ sound, at = 0 }) => sound.length + at)));
  for (const { sound, at = 0, gain = 1 } of parts) {
    for (let i = 0; i < sound.length; i++) sum[at + i] += gain * sound[i];
  }
  return sum;
}

function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** mulberry32 */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function presentOrUndefined(folder: string): string | undefined {
  return existsSync(folder) ? folder : undefined;
}
