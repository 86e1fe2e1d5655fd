/**
 * Turns an audio file on disk into samples, whatever its format; the format is told from the content, not the name.
 * Every failure a person can mend becomes one sentence that begins with the file's name. note/prepare.ts and the
 * commands call it.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "@neural-string/shared";
import { decodeAiff } from "./aiff.ts";
import { fourCharacters } from "./chunks.ts";
import { decodeCompressed, oggCodec } from "./compressed.ts";
import type { DecodedAudio } from "./pcm.ts";
import { resample } from "./resample.ts";
import { decodeWav } from "./wav.ts";

/** File formats we read. */
export type Container = "wav" | "aiff" | "ogg-vorbis" | "ogg-opus" | "flac" | "mp3";

/** The bytes of a file and their name in provenance and caches. */
export interface FileBytes {
  bytes: Uint8Array;
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  contentHash: string;
}

/** A decoded file, all channels. */
export interface AudioFile extends DecodedAudio {
  /** Length of each channel (frames). */
  frames: number;
  container: Container;
  contentHash: string;
}

/** One channel of a file, at the rate that was asked for. */
export interface Recording {
  path: string;
  /** The file's name without its folder. */
  name: string;
  /** Hz, of `samples`. */
  sampleRate: number;
  /** Mono, full scale ±1. */
  samples: Float32Array;
  contentHash: string;
  /** Hz, of the file. */
  sourceSampleRate: number;
  /** Sentences about what was done or was odd. */
  notes: string[];
}

/**
 * Read a file's bytes and hash them.
 * @param path any path to an ordinary file
 * @throws UserError when the file is missing, a folder, unreadable, empty or too large (2 GiB), with its name
 */
export async function readFileBytes(path: string): Promise<FileBytes> {
  const name = basename(path);
  try {
    const stats = await stat(path);
    if (stats.isDirectory())
      throw new UserError(`${name}: is a folder; expected an audio file; name the file in it`);
    if (!stats.isFile())
      throw new UserError(`${name}: is not an ordinary file; expected an audio file; save it first`);
    const bytes = new Uint8Array(await readFile(path));
    if (bytes.length === 0)
      throw new UserError(`${name}: the file is empty (0 bytes); export or download it again`);
    return { bytes, contentHash: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    throw explainFileError(path, error);
  }
}

/**
 * Decode a file's bytes.
 * @param bytes the whole file
 * @param name what the error sentence begins with
 * @returns every channel, the rate, the recognised format and notes
 * @throws UserError when the format is not one of ours or the file is damaged
 */
export async function decodeAudio(
  bytes: Uint8Array,
  name: string,
): Promise<DecodedAudio & { container: Container }> {
  const container = recogniseContainer(bytes);
  if (!container) {
    throw new UserError(
      `${name}: not an audio file we can read (${firstBytes(bytes)}); ` +
        "expected WAV, AIFF, OGG, FLAC or MP3; convert it first",
    );
  }
  try {
    return { container, ...(await decode(bytes, container)) };
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error;
  }
}

/**
 * Read and decode an audio file.
 * @param path WAV, AIFF, OGG (Vorbis, Opus), FLAC or MP3 under any name
 * @returns every channel, the file's own rate (Hz), frames, format, SHA-256 of the bytes, notes
 * @throws UserError for everything that is wrong with the file, beginning with its name
 */
export async function readAudioFile(path: string): Promise<AudioFile> {
  const { bytes, contentHash } = await readFileBytes(path);
  const decoded = await decodeAudio(bytes, basename(path));
  return { ...decoded, frames: decoded.channels[0].length, contentHash };
}

/**
 * Read one channel of an audio file, at a rate of choice.
 * @param path as in `readAudioFile`
 * @param options `channel` from 0, default 0, as data loading and judging take the first; `targetSampleRate` (Hz),
 *   default the file's own
 * @throws UserError as `readAudioFile`, and when the channel does not exist
 */
export async function readRecording(
  path: string,
  options: { channel?: number; targetSampleRate?: number } = {},
): Promise<Recording> {
  const file = await readAudioFile(path);
  const name = basename(path);
  const { samples, notes } = pickChannel(file, name, options.channel ?? 0);
  const sampleRate = options.targetSampleRate ?? file.sampleRate;
  if (sampleRate !== file.sampleRate) notes.push(`resampled from ${file.sampleRate} to ${sampleRate} Hz`);
  return {
    path,
    name,
    sampleRate,
    samples: resample(samples, file.sampleRate, sampleRate),
    contentHash: file.contentHash,
    sourceSampleRate: file.sampleRate,
    notes,
  };
}

/**
 * Take one channel of a decoded file.
 * @param file as decoded
 * @param name what the error sentence begins with
 * @param channel from 0
 * @returns the channel itself, not a copy, and a copy of the notes
 * @throws UserError when the channel does not exist
 */
export function pickChannel(
  file: DecodedAudio,
  name: string,
  channel: number,
): { samples: Float32Array; notes: string[] } {
  const count = file.channels.length;
  const samples = file.channels[channel];
  if (samples) return { samples, notes: [...file.notes] };
  const existing = count === 1 ? "only channel 0" : `channels 0 to ${count - 1}`;
  throw new UserError(
    `${name}: channel ${channel} does not exist; the file has ${existing}; choose one of them with --channel`,
  );
}

/**
 * Tell the format from the content.
 * @param bytes the file, or at least its first 300 bytes
 * @returns the format, or undefined when it is none of ours
 * @throws never
 */
export function recogniseContainer(bytes: Uint8Array): Container | undefined {
  const start = fourCharacters(bytes, 0);
  if (["RIFF", "RF64", "BW64"].includes(start))
    return fourCharacters(bytes, 8) === "WAVE" ? "wav" : undefined;
  if (start === "FORM") return fourCharacters(bytes, 8).startsWith("AIF") ? "aiff" : undefined;
  if (start === "OggS") return oggCodec(bytes);
  if (start === "fLaC") return "flac";
  return start.startsWith("ID3") || isMpegFrame(bytes) ? "mp3" : undefined;
}

/** Eleven set bits, then fields that each have a forbidden value: enough to tell layer 3 audio from chance. */
function isMpegFrame(bytes: Uint8Array): boolean {
  if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe0) !== 0xe0) return false;
  const version = (bytes[1] >> 3) & 3;
  const layer = (bytes[1] >> 1) & 3;
  const bitrate = bytes[2] >> 4;
  const rate = (bytes[2] >> 2) & 3;
  return version !== 1 && layer === 1 && bitrate !== 0 && bitrate !== 15 && rate !== 3;
}

async function decode(bytes: Uint8Array, container: Container): Promise<DecodedAudio> {
  if (container === "wav") return decodeWav(bytes);
  if (container === "aiff") return decodeAiff(bytes);
  return decodeCompressed(bytes, container);
}

function explainFileError(path: string, error: unknown): unknown {
  const name = basename(path);
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ENOTDIR":
      return new UserError(`${name}: no such file (looked for ${path}); check the path`);
    case "EACCES":
    case "EPERM":
      return new UserError(`${name}: permission to read it was denied; change its permissions or copy it`);
    case "ERR_FS_FILE_TOO_LARGE":
      return new UserError(`${name}: larger than 2 GiB; expected one note; cut it first`);
    case "ELOOP":
    case "ENAMETOOLONG":
    case "EIO":
      return new UserError(
        `${name}: cannot be read (${(error as Error).message}); check the path and the disk`,
      );
    default:
      return error;
  }
}

/** What a person recognises a wrong file by: 'PK' is a zip, '<!DO' a web page, 'ftyp' the phone's M4A. */
function firstBytes(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 12);
  const text = String.fromCharCode(...start).match(/[\x20-\x7e]{2,}/)?.[0];
  if (text?.includes("ftyp")) return "an MP4 or M4A file";
  const shown =
    text && start[0] === text.charCodeAt(0) ? `'${text.slice(0, 4).trim()}'` : hex(start.subarray(0, 4));
  return `starts with ${shown}`;
}

function hex(bytes: Uint8Array): string {
  return `bytes ${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
