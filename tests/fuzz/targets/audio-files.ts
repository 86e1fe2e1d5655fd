/** Damaged audio files: each becomes samples, as many as its bytes can hold, or one sentence. */
import { readFileSync } from "node:fs";
import { UserError } from "@neural-string/shared";
import { decodeAudio } from "@neural-string/trainer/audio/decode";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import fc from "fast-check";
import { expect } from "vitest";
import { readPlainWav } from "../../reference/wav.ts";
import { aiff, chunk, goldenAudio, riff, waveFormat } from "../../support/audio-files.ts";
import { damagedBytes } from "../mutate.ts";
import type { Target } from "../target.ts";

const ramp = Array.from({ length: 96 }, (_, i) => (7 * i) % 256);

/** A long WAV's header: its sizes stand in a chunk of their own. */
function rf64(): Buffer {
  const sizes = Buffer.alloc(28);
  sizes.writeBigUInt64LE(148n, 0);
  sizes.writeBigUInt64LE(96n, 8);
  sizes.writeBigUInt64LE(48n, 16);
  const file = riff(chunk("ds64", sizes), chunk("fmt ", waveFormat(1, 1, 44100, 16)), chunk("data", ramp));
  file.write("RF64", 0, "latin1");
  file.writeUInt32LE(0xffffffff, file.length - ramp.length - 4);
  return file;
}

/** WAVE_FORMAT_EXTENSIBLE, PCM. */
function extensible(): Buffer {
  const format = Buffer.concat([
    waveFormat(0xfffe, 2, 48000, 24),
    Buffer.from([22, 0, 24, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 16, 0, 128, 0, 0, 170, 0, 56, 155, 113]),
  ]);
  return riff(chunk("fmt ", format), chunk("LIST", [1, 2, 3]), chunk("data", ramp));
}

const UNCOMPRESSED = [
  riff(chunk("fmt ", waveFormat(1, 1, 44100, 16)), chunk("data", ramp)),
  riff(chunk("fmt ", waveFormat(1, 2, 8000, 8)), chunk("data", ramp)),
  encodeWav(
    Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)),
    44100,
  ),
  extensible(),
  rf64(),
  aiff(16, 48, ramp),
  aiff(24, 32, ramp, "NONE"),
  aiff(32, 24, ramp, "fl32"),
  aiff(16, 48, ramp, "sowt"),
].map((bytes) => new Uint8Array(bytes));

const golden = (kind: string) => new Uint8Array(readFileSync(goldenAudio(`two-tones.${kind}`)));
const COMPRESSED = ["flac", "mp3", "oga", "ogg", "opus"].map(golden);

/** A FLAC frame of silence, the densest there is: 65535 frames of eight channels in a dozen bytes. */
const MOST_SAMPLES_PER_BYTE = 65536;

const LEAKED = /undefined|is not a function|unreachable|out of bounds|outside the bounds|RuntimeError|wasm/i;

const check = async (bytes: Uint8Array) => {
  let decoded: Awaited<ReturnType<typeof decodeAudio>>;
  try {
    decoded = await decodeAudio(bytes, "a");
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(/^a: .{1,400}$/u);
    // our own words, not a library's or the engine's
    expect((error as Error).message).not.toMatch(LEAKED);
    return;
  }
  const { channels, container, notes, sampleRate } = decoded;
  expect(sampleRate).toBeGreaterThanOrEqual(1000);
  expect(sampleRate).toBeLessThanOrEqual(1_000_000);
  expect(channels.length).toBeGreaterThanOrEqual(1);
  expect(channels.length).toBeLessThanOrEqual(64);
  expect(new Set(channels.map(({ length }) => length)).size).toBe(1);
  const perByte = container === "wav" || container === "aiff" ? 1 : MOST_SAMPLES_PER_BYTE;
  expect(channels.length * channels[0].length).toBeLessThanOrEqual(perByte * bytes.length);
  for (const note of notes) expect(note).toMatch(/^.{1,300}$/u);
  if (container === "wav") expectSaid(bytes, decoded);
  if (COMPRESSED.some((whole) => isCutFrom(bytes, whole))) expect(notes).not.toEqual([]);
};

/** Whether these are the first bytes of a file, not all of them. */
function isCutFrom(bytes: Uint8Array, whole: Uint8Array): boolean {
  return bytes.length < whole.length && Buffer.compare(bytes, whole.subarray(0, bytes.length)) === 0;
}

/** Demand that what was accepted is what the file says, and that a file which is not whole is not taken for it in silence. */
function expectSaid(
  bytes: Uint8Array,
  { channels, sampleRate, notes }: Awaited<ReturnType<typeof decodeAudio>>,
) {
  const said = readPlainWav(bytes);
  // the other kinds of the container keep their sizes elsewhere
  if (said === undefined)
    return expect(["RF64", "BW64"]).toContain(Buffer.from(bytes.subarray(0, 4)).toString("latin1"));
  // an empty data chunk, and no samples behind it
  const frames = channels[0].length === 0 && !said.isWhole && notes.length === 0 ? 0 : said.frames;
  expect([sampleRate, channels.length, channels[0].length]).toEqual([said.sampleRate, said.channels, frames]);
  if (!said.isWhole && frames > 0) expect(notes.length).toBeGreaterThan(0);
  for (const [c, samples] of channels.entries())
    for (const [n, x] of samples.entries())
      expect(Object.is(x, Math.fround(said.at(n, c))), `${c}, ${n}`).toBe(true);
}

/** WAV and AIFF, which are read by our own code. */
export const audioFiles: Target<Uint8Array> = {
  name: "audio-files",
  what: "damaged WAV and AIFF files, and bytes that look like sound",
  kept: "bytes",
  shortRun: 3000,
  cases: (corpus) =>
    fc.oneof(
      { arbitrary: damagedBytes([...UNCOMPRESSED, ...corpus]), weight: 9 },
      { arbitrary: fc.uint8Array({ maxLength: 100 }), weight: 1 },
    ),
  check,
};

/** OGG, FLAC and MP3, whose decoders are libraries that must not take ours down with them. */
export const compressedFiles: Target<Uint8Array> = {
  name: "compressed-files",
  what: "damaged OGG, FLAC and MP3 files",
  kept: "bytes",
  shortRun: 40,
  cases: (corpus) =>
    fc.oneof(
      { arbitrary: damagedBytes([...COMPRESSED, ...corpus], 6), weight: 4 },
      {
        arbitrary: fc
          .tuple(fc.constantFrom(...COMPRESSED), fc.double({ min: 0, max: 1, noNaN: true }))
          .map(([whole, share]) => whole.slice(0, Math.floor(share * whole.length))),
        weight: 1,
      },
    ),
  check,
};
