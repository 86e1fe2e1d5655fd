/**
 * Writes 32-bit float WAV files: what renders and recordings of a playing leave as. It needs nothing of Node or a browser;
 * the trainer's commands and the playground call it.
 */
import { UserError } from "./user-error.ts";

const TAG_FLOAT = 3;
/** The most that a RIFF chunk can say of its length. */
const MOST_BYTES = 0xffffffff;

/**
 * Encode mono samples as a 32-bit float WAV file.
 * @param samples mono, any finite or non-finite float32; written bit for bit
 * @param sampleRate Hz, an integer from 1 to 2^32 - 1
 * @returns the file's bytes: a 58-byte header ('fmt ', 'fact', 'data') and the samples
 * @throws UserError when the sound is too long for a WAV file (4 GiB)
 */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array {
  const header = 58;
  if (header + samples.length * 4 > MOST_BYTES) {
    throw new UserError(`${samples.length} samples do not fit a WAV file (4 GiB); render fewer seconds`);
  }
  const bytes = new Uint8Array(header + samples.length * 4);
  const view = new DataView(bytes.buffer);
  const text = (at: number, four: string) => {
    for (let i = 0; i < 4; i++) bytes[at + i] = four.charCodeAt(i);
  };

  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVE");
  // a format other than PCM has an extension size (here 0) and needs a fact chunk with the number of frames
  text(12, "fmt ");
  view.setUint32(16, 18, true);
  view.setUint16(20, TAG_FLOAT, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 32, true);
  text(38, "fact");
  view.setUint32(42, 4, true);
  view.setUint32(46, samples.length, true);
  text(50, "data");
  view.setUint32(54, samples.length * 4, true);

  // bits, not numbers: a NaN keeps its payload
  const words = new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
  for (let i = 0; i < words.length; i++) view.setUint32(header + i * 4, words[i], true);
  return bytes;
}
