/**
 * Interleaved sample bytes to one Float32Array per channel, for every uncompressed encoding WAV and AIFF know.
 * It exists so that both containers share one piece of arithmetic; wav.ts and aiff.ts call it.
 */
import { UserError } from "@neural-string/shared";

/** What every decoder of this folder returns. */
export interface DecodedAudio {
  /** Frames per second (Hz). */
  sampleRate: number;
  /** One array per channel, all of the same length; full scale is ±1. */
  channels: Float32Array[];
  /** Sentences about what was odd but could be read all the same, for example a file that ends early. */
  notes: string[];
}

/** How one sample is written. */
export interface SampleEncoding {
  kind: "signed" | "unsigned" | "float";
  /** 1 to 4 for integers (left-justified in their bytes), 4 or 8 for floats. */
  bytesPerSample: number;
  littleEndian: boolean;
}

/** The largest number of channels we take for real; more means that we read a damaged header. */
const MAX_CHANNELS = 64;
const MIN_SAMPLE_RATE = 1000;
const MAX_SAMPLE_RATE = 1_000_000;

/**
 * Refuse a header that no real recording has.
 * @param where what the error sentence names, e.g. "the 'fmt ' chunk"
 * @param channels count as read from the file, expected 1 to 64
 * @param sampleRate Hz as read from the file, expected 1000 to 1000000
 * @throws UserError when either is out of range
 */
export function checkHeader(where: string, channels: number, sampleRate: number): void {
  if (channels < 1 || channels > MAX_CHANNELS) {
    throw new UserError(
      `${where} says ${channels} channels; expected 1 to ${MAX_CHANNELS}; the file is damaged, export it again`,
    );
  }
  if (!(sampleRate >= MIN_SAMPLE_RATE && sampleRate <= MAX_SAMPLE_RATE)) {
    throw new UserError(
      `${where} says ${sampleRate} samples per second; expected ${MIN_SAMPLE_RATE} to ${MAX_SAMPLE_RATE}; ` +
        "the file is damaged, export it again",
    );
  }
}

/**
 * Read interleaved samples.
 * @param bytes the sample data only; as many whole frames as fit are read, a ragged end is left out
 * @param encoding how one sample is written
 * @param channelCount interleaved channels, 1 or more
 * @returns one Float32Array per channel; integers are scaled so that full scale is ±1, floats stay as they are
 * @throws never
 */
export function readInterleaved(
  bytes: Uint8Array,
  encoding: SampleEncoding,
  channelCount: number,
): Float32Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = sampleReader(view, encoding);
  const frames = Math.floor(bytes.byteLength / (encoding.bytesPerSample * channelCount));
  const channels = Array.from({ length: channelCount }, () => new Float32Array(frames));
  for (let frame = 0, at = 0; frame < frames; frame++) {
    for (let channel = 0; channel < channelCount; channel++, at += encoding.bytesPerSample) {
      channels[channel][frame] = read(at);
    }
  }
  return channels;
}

function sampleReader(view: DataView, encoding: SampleEncoding): (at: number) => number {
  const { kind, bytesPerSample, littleEndian } = encoding;
  if (kind === "float") {
    return bytesPerSample === 8
      ? (at) => view.getFloat64(at, littleEndian)
      : (at) => view.getFloat32(at, littleEndian);
  }
  if (kind === "unsigned") return (at) => (view.getUint8(at) - 128) / 128;
  switch (bytesPerSample) {
    case 1:
      return (at) => view.getInt8(at) / 128;
    case 2:
      return (at) => view.getInt16(at, littleEndian) / 32768;
    case 3:
      // a 24-bit word is a signed high part and an unsigned low part, whichever comes first
      return littleEndian
        ? (at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 8388608
        : (at) => (view.getInt16(at, false) * 256 + view.getUint8(at + 2)) / 8388608;
    default:
      return (at) => view.getInt32(at, littleEndian) / 2147483648;
  }
}
