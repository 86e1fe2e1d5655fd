/**
 * The frames of an MP3 file, counted without decoding them: an MP3 whose end is missing decodes in silence, but its first
 * frame mostly says how much there was, and a frame that is cut says so itself. decode.ts and cut-off.ts ask here.
 */
import { fourCharacters } from "./chunks.ts";

const KILOBITS = {
  first: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  second: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
/** Hz, of MPEG 1; of MPEG 2 it is half, of 2.5 a quarter. */
const RATES = [44100, 48000, 32000];

interface Frame {
  /** Bytes, its header among them. */
  length: number;
  /** Bytes of side information, after which encoders write what the file holds. */
  sideBytes: number;
}

/**
 * Read a layer 3 frame's header.
 * @param bytes the whole file, or its beginning
 * @param at where the frame begins
 * @returns undefined where none does: eleven set bits, then fields that each have a forbidden value, tell it from chance
 * @throws never
 * Source: ISO/IEC 11172-3, section 2.4.1.3.
 */
export function mpegFrame(bytes: Uint8Array, at: number): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined;
  const version = (bytes[at + 1] >> 3) & 3;
  const layer = (bytes[at + 1] >> 1) & 3;
  const bitrate = bytes[at + 2] >> 4;
  const rate = (bytes[at + 2] >> 2) & 3;
  if (version === 1 || layer !== 1 || bitrate === 0 || bitrate === 15 || rate === 3) return undefined;
  const isFirst = version === 3;
  const isMono = bytes[at + 3] >> 6 === 3;
  const hertz = RATES[rate] / (isFirst ? 1 : version === 2 ? 2 : 4);
  const bits = 1000 * KILOBITS[isFirst ? "first" : "second"][bitrate - 1];
  const length = Math.floor(((isFirst ? 144 : 72) * bits) / hertz) + ((bytes[at + 2] >> 1) & 1);
  return { length, sideBytes: isFirst ? (isMono ? 17 : 32) : isMono ? 9 : 17 };
}

/**
 * Whether an MP3 breaks off: fewer bytes or frames than its first frame states, or a last frame that is cut.
 * @returns false too for what it cannot tell: no frame where the first should be, or other bytes behind the last
 * @throws never
 */
export function isMp3CutOff(bytes: Uint8Array): boolean {
  const start = skipTags(bytes);
  const stated = statedSize(bytes, start);
  if (start + stated.bytes > bytes.length) return true;
  let frames = 0;
  let at = start;
  for (let frame = mpegFrame(bytes, at); frame !== undefined; frame = mpegFrame(bytes, at)) {
    at += frame.length;
    frames++;
  }
  if (at > bytes.length) return true;
  // a header of which less than four bytes are left; anything else there is a tag, or damage
  const rest = bytes.subarray(at);
  const isCutHeader = rest.length > 0 && rest.length < 4 && rest[0] === 0xff;
  // the frame that states it is counted by some writers only, hence not held against any
  return isCutHeader || (at === bytes.length && frames < stated.frames);
}

/** What the first frame states (Xing's and LAME's header, or Fraunhofer's); 0 where it does not. */
function statedSize(bytes: Uint8Array, start: number): { frames: number; bytes: number } {
  const none = { frames: 0, bytes: 0 };
  const frame = mpegFrame(bytes, start);
  if (frame === undefined || start + 64 > bytes.length) return none;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vbri = start + 4 + 32;
  if (fourCharacters(bytes, vbri) === "VBRI")
    return { frames: view.getUint32(vbri + 14), bytes: view.getUint32(vbri + 10) };
  const xing = start + 4 + frame.sideBytes;
  if (!["Xing", "Info"].includes(fourCharacters(bytes, xing))) return none;
  const flags = view.getUint32(xing + 4);
  const hasFrames = (flags & 1) !== 0;
  return {
    frames: hasFrames ? view.getUint32(xing + 8) : 0,
    bytes: flags & 2 ? view.getUint32(xing + (hasFrames ? 12 : 8)) : 0,
  };
}

/** Where the first frame may begin: behind ID3v2 tags (a syncsafe size, perhaps a footer) and zeros that pad them. */
function skipTags(bytes: Uint8Array): number {
  let at = 0;
  while (fourCharacters(bytes, at).startsWith("ID3") && at + 10 <= bytes.length) {
    const size = bytes.subarray(at + 6, at + 10).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    at += 10 + size + (bytes[at + 5] & 0x10 ? 10 : 0);
  }
  while (bytes[at] === 0) at++;
  return at;
}
