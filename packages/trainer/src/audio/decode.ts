/**
 * Turns the bytes of an audio file into samples, whatever its format; the format is told from the content, not the name.
 * Free of node, so that a page can read what is dropped on it; read-recording.ts brings files from a disk here.
 */
import { UserError } from "@neural-string/shared";
import { decodeAiff } from "./aiff.ts";
import { fourCharacters } from "./chunks.ts";
import { decodeCompressed, oggCodec } from "./compressed.ts";
import { mpegFrame } from "./mp3-frames.ts";
import type { DecodedAudio } from "./pcm.ts";
import { decodeWav } from "./wav.ts";

/** File formats we read. */
export type Container = "wav" | "aiff" | "ogg-vorbis" | "ogg-opus" | "flac" | "mp3";

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
  return start.startsWith("ID3") || mpegFrame(bytes, 0) ? "mp3" : undefined;
}

async function decode(bytes: Uint8Array, container: Container): Promise<DecodedAudio> {
  if (container === "wav") return decodeWav(bytes);
  if (container === "aiff") return decodeAiff(bytes);
  return decodeCompressed(bytes, container);
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
