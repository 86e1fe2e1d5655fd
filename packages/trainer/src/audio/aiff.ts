/**
 * Reads AIFF and uncompressed AIFF-C files, the format of many older samplers and of macOS tools.
 * No maintained package reads them, hence ours; read-recording.ts calls it.
 */
import { UserError } from "@neural-string/shared";
import { type Chunk, fourCharacters, listChunks } from "./chunks.ts";
import { checkHeader, type DecodedAudio, readInterleaved, type SampleEncoding } from "./pcm.ts";

interface Common {
  channels: number;
  frames: number;
  sampleRate: number;
  encoding: SampleEncoding;
}

/**
 * Decode an AIFF file (8, 16, 24 or 32 bits) or an AIFF-C file of type NONE, twos, sowt, in24, in32, fl32 or fl64.
 * @param bytes the whole file
 * @returns the channels (PCM scaled to ±1, floats unchanged), the rate (Hz, may be fractional) and notes
 * @throws UserError when it is no AIFF file, is compressed, or its header contradicts itself; the sentence names no file
 * Source: Apple, Audio Interchange File Format AIFF-C (1991).
 */
export function decodeAiff(bytes: Uint8Array): DecodedAudio {
  const kind = fourCharacters(bytes, 8);
  if (fourCharacters(bytes, 0) !== "FORM" || (kind !== "AIFF" && kind !== "AIFC")) {
    throw new UserError(
      "not an AIFF file: expected 'FORM' and 'AIFF' in its first 12 bytes; convert it to WAV",
    );
  }
  const chunks = listChunks(bytes, false);
  const common = readCommon(bytes, find(chunks, "COMM"), kind === "AIFC");
  const samples = sampleBytes(bytes, find(chunks, "SSND"));

  // COMM counts the frames; a recorder that was cut off may have left 0 there, then SSND counts
  const frameBytes = common.encoding.bytesPerSample * common.channels;
  const available = Math.floor(samples.length / frameBytes);
  const frames = common.frames === 0 ? available : Math.min(common.frames, available);
  const notes =
    frames < common.frames ? [`the file ends early: ${frames} of ${common.frames} frames are there`] : [];
  const channels = readInterleaved(
    samples.subarray(0, frames * frameBytes),
    common.encoding,
    common.channels,
  );
  return { sampleRate: common.sampleRate, channels, notes };
}

function find(chunks: Chunk[], id: string): Chunk {
  const chunk = chunks.find((candidate) => candidate.id === id);
  if (chunk) return chunk;
  throw new UserError(`no '${id}' chunk; the AIFF file is damaged or cut off, export it again`);
}

function readCommon(bytes: Uint8Array, chunk: Chunk, compressed: boolean): Common {
  const needed = compressed ? 22 : 18;
  if (chunk.size < needed) {
    throw new UserError(
      `the 'COMM' chunk has ${chunk.size} bytes; expected ${needed} or more; the file is damaged, export it again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunk.start, chunk.size);
  const channels = view.getInt16(0);
  const sampleRate = readExtended(view, 8);
  checkHeader("the 'COMM' chunk", channels, sampleRate);
  const type = compressed ? fourCharacters(bytes, chunk.start + 18) : "NONE";
  return {
    channels,
    frames: view.getUint32(2),
    sampleRate,
    encoding: sampleEncoding(type, view.getInt16(6)),
  };
}

function sampleEncoding(type: string, bits: number): SampleEncoding {
  const signed = (bytesPerSample: number, littleEndian = false): SampleEncoding => {
    if (bytesPerSample >= 1 && bytesPerSample <= 4) return { kind: "signed", bytesPerSample, littleEndian };
    throw new UserError(
      `the 'COMM' chunk says ${bits} bits per sample; expected 1 to 32; export it as 24-bit WAV`,
    );
  };
  switch (type.toLowerCase()) {
    case "none":
    case "twos":
      return signed(Math.ceil(bits / 8));
    case "sowt":
      return signed(Math.ceil(bits / 8), true);
    case "in24":
      return signed(3);
    case "in32":
      return signed(4);
    case "fl32":
      return { kind: "float", bytesPerSample: 4, littleEndian: false };
    case "fl64":
      return { kind: "float", bytesPerSample: 8, littleEndian: false };
    default:
      throw new UserError(
        `compressed AIFF-C (${JSON.stringify(type)}); expected NONE, sowt, fl32 or fl64; export it as 24-bit WAV`,
      );
  }
}

/** SSND starts with an offset to its first sample and a block size, both nearly always 0. */
function sampleBytes(bytes: Uint8Array, chunk: Chunk): Uint8Array {
  if (chunk.size < 8)
    throw new UserError("the 'SSND' chunk is cut off; the AIFF file is damaged, export it again");
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunk.start, chunk.size);
  const start = chunk.start + 8 + view.getUint32(0);
  return bytes.subarray(start, chunk.start + chunk.size);
}

/** An 80-bit extended float: sign and 15-bit exponent, then a 64-bit mantissa with its leading one written out. */
function readExtended(view: DataView, at: number): number {
  const head = view.getUint16(at);
  const mantissa = view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6);
  const magnitude = mantissa * 2 ** ((head & 0x7fff) - 16383 - 63);
  return head & 0x8000 ? -magnitude : magnitude;
}
