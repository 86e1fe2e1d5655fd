/**
 * Decodes OGG Vorbis, OGG Opus, FLAC and MP3 through WebAssembly builds of the reference decoders.
 * Each library is imported when its first file comes, since most runs need none; read-recording.ts calls it.
 */
import { UserError } from "@neural-string/shared";
import { fourCharacters } from "./chunks.ts";
import { flacFrames, isOggCutOff } from "./cut-off.ts";
import { isMp3CutOff } from "./mp3-frames.ts";
import { checkHeader, type DecodedAudio } from "./pcm.ts";

/** Formats decoded here; FLAC may also come inside OGG. */
export type CompressedFormat = "ogg-vorbis" | "ogg-opus" | "flac" | "mp3";

/** What the four libraries have in common. */
interface Decoder {
  ready: Promise<void>;
  free(): void;
  decode(bytes: Uint8Array): LibraryAudio | Promise<LibraryAudio>;
  decodeFile?(bytes: Uint8Array): Promise<LibraryAudio>;
}

interface LibraryAudio {
  channelData: Float32Array[];
  samplesDecoded: number;
  sampleRate: number;
  bitDepth?: number;
  errors: unknown[];
}

const NAMES: Record<CompressedFormat, string> = {
  "ogg-vorbis": "OGG Vorbis",
  "ogg-opus": "OGG Opus",
  flac: "FLAC",
  mp3: "MP3",
};

/** Decoders run one after the other, because each borrows console.error (see `quietly`). */
let previous: Promise<unknown> = Promise.resolve();

/**
 * Decode a compressed file.
 * FLAC equals the WAV it was made from bit for bit; MP3 is always two channels (a mono file gives two equal ones)
 * and, like Opus, may end up to 20 ms later than the original; all begin where the original began.
 * @param bytes the whole file
 * @param format what the file is, as recognised from its content
 * @returns channels, rate and notes; damaged frames are left out and counted in a note, and
 * so is an end that is missing
 * @throws UserError when nothing could be decoded; the sentence names no file
 */
export async function decodeCompressed(bytes: Uint8Array, format: CompressedFormat): Promise<DecodedAudio> {
  const decoding = previous.then(() => decodeNow(bytes, format));
  previous = decoding.catch(() => undefined);
  const decoded = await decoding;

  const { sampleRate, errors } = decoded;
  const channels = decoded.channelData.map((channel) => channel.subarray(0, decoded.samplesDecoded));
  if (format === "flac") undoFlacScale(channels, decoded.bitDepth ?? 16);
  const notes = errors.length > 0 ? [`${errors.length} damaged ${NAMES[format]} frames were left out`] : [];
  if (breaksOff(bytes, format, decoded.samplesDecoded)) {
    const seconds = (decoded.samplesDecoded / sampleRate).toFixed(2);
    notes.push(`the file breaks off after ${seconds} s of its sound; download or export it again`);
  }
  return { sampleRate, channels, notes };
}

/** Whether sound is missing at the end. */
function breaksOff(bytes: Uint8Array, format: CompressedFormat, frames: number): boolean {
  if (fourCharacters(bytes, 0) === "OggS") return isOggCutOff(bytes);
  if (format === "mp3") return isMp3CutOff(bytes);
  return format === "flac" && frames < (flacFrames(bytes) ?? 0);
}

/**
 * Tell the codec inside an OGG file from its first packet.
 * @param bytes the whole file, starting with "OggS"
 * @returns the format, or undefined for a codec we do not decode (Speex, Theora, ...)
 * @throws never
 * Source: RFC 3533 (page layout).
 */
export function oggCodec(bytes: Uint8Array): CompressedFormat | undefined {
  const packet = 27 + (bytes[26] ?? 0);
  const start = String.fromCharCode(...bytes.subarray(packet, packet + 8));
  if (start.startsWith("\x01vorbis")) return "ogg-vorbis";
  if (start.startsWith("OpusHead")) return "ogg-opus";
  if (start.startsWith("\x7fFLAC")) return "flac";
  return undefined;
}

async function decodeNow(bytes: Uint8Array, format: CompressedFormat): Promise<LibraryAudio> {
  const decoder = await newDecoder(format);
  let decoded: LibraryAudio;
  try {
    await decoder.ready;
    decoded = await quietly(async () =>
      decoder.decodeFile ? decoder.decodeFile(bytes) : decoder.decode(bytes),
    );
  } catch (error) {
    // the library's own words are about its code, not about the file
    throw damaged(format, "the decoder could not read it", error);
  } finally {
    release(decoder);
  }
  if (!(decoded.samplesDecoded > 0)) throw damaged(format, "none could be decoded");
  checkHeader(`the ${NAMES[format]} stream`, decoded.channelData.length, decoded.sampleRate);
  return decoded;
}

/** A damaged file may leave a decoder's memory so that freeing it traps; it is then left to the garbage collector. */
function release(decoder: Decoder): void {
  try {
    decoder.free();
  } catch {}
}

/** The libraries, by format, each imported when it is asked for. */
const LIBRARIES: Record<CompressedFormat, () => Promise<new () => Decoder>> = {
  "ogg-vorbis": async () => (await import("@wasm-audio-decoders/ogg-vorbis")).OggVorbisDecoder,
  "ogg-opus": async () => (await import("ogg-opus-decoder")).OggOpusDecoder,
  flac: async () => (await import("@wasm-audio-decoders/flac")).FLACDecoder,
  mp3: async () => (await import("mpg123-decoder")).MPEGDecoder,
};

/** Import all decoders now: for a page that is to fetch nothing once it has been loaded. */
export async function loadDecoders(): Promise<void> {
  await Promise.all(Object.values(LIBRARIES).map((library) => library()));
}

async function newDecoder(format: CompressedFormat): Promise<Decoder> {
  return new (await LIBRARIES[format]())();
}

function damaged(format: CompressedFormat, reason: string, cause?: unknown): UserError {
  return new UserError(
    `damaged or cut off ${NAMES[format]}: expected sound, ${reason}; export it again, or convert it to WAV`,
    { cause },
  );
}

/**
 * Run a decoder without its printing. mpg123-decoder prints an error it cannot get past and then tries again for ever,
 * so after as many as any damaged file has, the print throws and so ends the loop.
 * Remove when `decode` of mpg123-decoder leaves its read loop on errors.
 */
async function quietly<T>(run: () => Promise<T>): Promise<T> {
  const print = console.error;
  let printed = 0;
  console.error = (...parts: unknown[]) => {
    if (!/^(mpg123-decoder|libopus|@wasm-audio-decoders)/.test(String(parts[0]))) return print(...parts);
    if (++printed > 1000) throw new Error("too many damaged frames");
  };
  try {
    return await run();
  } finally {
    console.error = print;
  }
}

/** The library divides integers by 2^(bits-1) - 1; with 2^(bits-1) the same recording as FLAC and as WAV is the same. */
function undoFlacScale(channels: Float32Array[], bits: number): void {
  const fullScale = 2 ** (bits - 1);
  const scale = (fullScale - 1) / fullScale;
  for (const channel of channels) {
    for (let i = 0; i < channel.length; i++) channel[i] *= scale;
  }
}
