/**
 * Reads WAV files of every uncompressed kind. It exists because recordings arrive as WAV; read-recording.ts calls it.
 * What renders leave as is written by `encodeWav` of the shared package, which pages use too.
 */
import { UserError } from "@neural-string/shared";
import { type Chunk, fourCharacters, listChunks } from "./chunks.ts";
import { checkHeader, type DecodedAudio, readInterleaved, type SampleEncoding } from "./pcm.ts";

export { encodeWav } from "@neural-string/shared/encode-wav";

const TAG_PCM = 1;
const TAG_FLOAT = 3;
const TAG_EXTENSIBLE = 0xfffe;
/** The last 14 bytes of the sub-format of WAVE_FORMAT_EXTENSIBLE; the first two are an ordinary format tag. */
const SUBFORMAT_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/** A writer that could not know the length in advance (a pipe) leaves this, or 0. */
const UNKNOWN_SIZE = 0xffffffff;
const OTHER_TAGS: Record<number, string> = {
  2: "Microsoft ADPCM",
  6: "A-law",
  7: "mu-law",
  17: "IMA ADPCM",
  80: "MPEG layer 2",
  85: "MP3",
};

interface Format {
  channels: number;
  sampleRate: number;
  encoding: SampleEncoding;
}

/**
 * Decode a WAV file: PCM of 8, 16, 24 or 32 bits, float of 32 or 64 bits, plain or extensible, RIFF or RF64.
 * A data chunk of unknown size (0 or 0xFFFFFFFF, as pipes write it) or one that is cut short gives what is there and a note;
 * so do samples that end within a frame, and a second 'fmt ' chunk that contradicts the first.
 * @param bytes the whole file
 * @returns the channels (PCM scaled to ±1, floats unchanged, 64-bit floats rounded to 32), the rate and notes
 * @throws UserError when it is no WAV file, is compressed, or its header contradicts itself; the sentence names no file
 * Source: Microsoft RIFF/WAVEFORMATEXTENSIBLE; EBU Tech 3306 (RF64).
 */
export function decodeWav(bytes: Uint8Array): DecodedAudio {
  const kind = fourCharacters(bytes, 0);
  if (!["RIFF", "RF64", "BW64"].includes(kind) || fourCharacters(bytes, 8) !== "WAVE") {
    throw new UserError(
      "not a WAV file: expected 'RIFF' and 'WAVE' in its first 12 bytes; convert it to WAV",
    );
  }
  const chunks = listChunks(bytes, true, kind === "RIFF" ? undefined : longSizeReader(bytes));
  const format = readFormat(bytes, find(chunks, "fmt ", "does not say how its samples are written"));
  const { start, size, notes } = dataExtent(bytes, find(chunks, "data", "holds no samples"));
  const ragged = size % (format.encoding.bytesPerSample * format.channels);
  if (ragged > 0 && notes.length === 0)
    notes.push(`its samples end within a frame: the last bytes (${ragged}) were left out`);
  if (contradicts(bytes, chunks, "fmt "))
    notes.push("a second 'fmt ' chunk says otherwise than the first, which was believed; export it again");

  const channels = readInterleaved(bytes.subarray(start, start + size), format.encoding, format.channels);
  return { sampleRate: format.sampleRate, channels, notes };
}

/** Whether a later chunk of a kind holds other bytes than the first. */
function contradicts(bytes: Uint8Array, chunks: Chunk[], id: string): boolean {
  const [first, ...others] = chunks
    .filter((chunk) => chunk.id === id)
    .map(({ start, size }) => bytes.subarray(start, start + size));
  return others.some((other) => other.length !== first.length || other.some((byte, i) => byte !== first[i]));
}

function find(chunks: Chunk[], id: string, consequence: string): Chunk {
  const chunk = chunks.find((candidate) => candidate.id === id);
  if (chunk) return chunk;
  throw new UserError(
    `no '${id}' chunk, so the file ${consequence}; it is damaged or cut off, export it again`,
  );
}

/** RF64 keeps the true size of the data chunk in a 'ds64' chunk that comes first. */
function longSizeReader(bytes: Uint8Array): (id: string, field: number) => number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const present = fourCharacters(bytes, 12) === "ds64" && bytes.length >= 36;
  const dataSize = present ? Number(view.getBigUint64(28, true)) : UNKNOWN_SIZE;
  return (id, field) => (id === "data" && field === UNKNOWN_SIZE ? dataSize : undefined);
}

function readFormat(bytes: Uint8Array, chunk: Chunk): Format {
  if (chunk.size < 16) {
    throw new UserError(
      `the 'fmt ' chunk has ${chunk.size} bytes; expected 16 or more; the file is damaged, export it again`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + chunk.start, chunk.size);
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  checkHeader("the 'fmt ' chunk", channels, sampleRate);
  const tag = formatTag(view);
  const frameBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  return { channels, sampleRate, encoding: sampleEncoding(tag, frameBytes / channels, bits) };
}

function formatTag(view: DataView): number {
  const tag = view.getUint16(0, true);
  if (tag !== TAG_EXTENSIBLE) return tag;
  const known =
    view.byteLength >= 40 && SUBFORMAT_TAIL.every((byte, index) => view.getUint8(26 + index) === byte);
  if (known) return view.getUint16(24, true);
  throw new UserError(
    "the 'fmt ' chunk names a sample format of its own; expected PCM or float; export it as 24-bit PCM",
  );
}

/** The container decides, not the number of bits: 20 bits in 3 bytes, or 24 in 4, are left-justified. */
function sampleEncoding(tag: number, bytesPerSample: number, bits: number): SampleEncoding {
  if (tag !== TAG_PCM && tag !== TAG_FLOAT) {
    const name = OTHER_TAGS[tag] ?? `format ${tag}`;
    throw new UserError(`compressed WAV (${name}); expected PCM or float; export it as 24-bit PCM`);
  }
  const widths = tag === TAG_PCM ? [1, 2, 3, 4] : [4, 8];
  if (!widths.includes(bytesPerSample) || bits > bytesPerSample * 8) {
    throw new UserError(
      `the 'fmt ' chunk says ${bits} bits in ${bytesPerSample} bytes per sample; expected ` +
        `${tag === TAG_PCM ? "PCM of 8, 16, 24 or 32 bits" : "float of 32 or 64 bits"}; export it as 24-bit PCM`,
    );
  }
  if (tag === TAG_FLOAT) return { kind: "float", bytesPerSample, littleEndian: true };
  return { kind: bytesPerSample === 1 ? "unsigned" : "signed", bytesPerSample, littleEndian: true };
}

function dataExtent(bytes: Uint8Array, chunk: Chunk): { start: number; size: number; notes: string[] } {
  const rest = bytes.length - chunk.start;
  const streamed =
    chunk.claimedSize === UNKNOWN_SIZE || (chunk.claimedSize === 0 && !chunkFollows(bytes, chunk.start));
  if (streamed) {
    const note = "the WAV header does not know its length (written to a pipe?); read to the end of the file";
    return { start: chunk.start, size: rest, notes: rest > 0 ? [note] : [] };
  }
  if (chunk.claimedSize <= rest) return { start: chunk.start, size: chunk.claimedSize, notes: [] };
  const note = `the file ends early: ${rest} of ${chunk.claimedSize} bytes of samples are there`;
  return { start: chunk.start, size: rest, notes: [note] };
}

/** An empty data chunk may be followed by another chunk, a streamed one by samples: tell them by a printable id that fits. */
function chunkFollows(bytes: Uint8Array, at: number): boolean {
  if (at + 8 > bytes.length) return at === bytes.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const printable = bytes.subarray(at, at + 4).every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable && at + 8 + view.getUint32(at + 4, true) <= bytes.length + 1;
}
