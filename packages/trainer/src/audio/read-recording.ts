/**
 * Reads an audio file from a disk; decode.ts makes samples of it. Every failure a person can mend becomes one sentence
 * that begins with the file's name. note/prepare.ts and the commands call it.
 */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { UserError } from "@neural-string/shared";
import { findBeyondSound } from "./beyond-sound.ts";
import { type Container, decodeAudio, pickChannel } from "./decode.ts";
import type { DecodedAudio } from "./pcm.ts";
import { resample } from "./resample.ts";

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
 *   default the file's own; `mayBeBroken` lets through what no sound has: the render of a string that blew up
 * @throws UserError as `readAudioFile`, when the channel does not exist, and for samples that no sound has
 */
export async function readRecording(
  path: string,
  options: { channel?: number; targetSampleRate?: number; mayBeBroken?: boolean } = {},
): Promise<Recording> {
  const file = await readAudioFile(path);
  const name = basename(path);
  const { samples, notes } = pickChannel(file, name, options.channel ?? 0);
  const beyond = options.mayBeBroken ? undefined : findBeyondSound(samples);
  if (beyond) throw new UserError(`${name}: ${beyond.sentence}`);
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

function explainFileError(path: string, error: unknown): unknown {
  const name = basename(path);
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
    case "ENOTDIR":
      return new UserError(`${name}: no such file (looked for ${path}); check the path`);
    case "EACCES":
    case "EPERM":
      return new UserError(`${name}: permission to read it was denied; change its permissions or copy it`);
    case "ERR_INVALID_ARG_VALUE": // U+0000, which Node refuses before the system does
      return new UserError(`${name}: no such file (its name has the character U+0000 in it); check the path`);
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
