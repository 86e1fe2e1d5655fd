/** What the header of a RIFF WAV file says of its samples, read plainly: the oracle of the audio files' fuzzing. */

export interface PlainWav {
  sampleRate: number;
  channels: number;
  /** Whole frames that the data chunk has room for, within the file. */
  frames: number;
  /**
   * Whether the file is as long as its data chunk claims, and the chunk claims a length at all, of whole frames, which
   * no second format contradicts.
   */
  isWhole: boolean;
  /** A sample; full scale is ±1. */
  at(frame: number, channel: number): number;
}

/** @returns undefined for what is no RIFF file with a format and samples, in this order or the other */
export function readPlainWav(bytes: Uint8Array): PlainWav | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (word(0) !== "RIFF" || word(8) !== "WAVE") return undefined;
  let [format, data] = [-1, -1];
  let isContradicted = false;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (word(at) === "fmt " && format < 0) format = at + 8;
    else if (word(at) === "fmt ") {
      const body = (start: number, length: number) => bytes.subarray(start, start + length).join();
      isContradicted ||= body(at + 8, size) !== body(format, view.getUint32(format - 4, true));
    }
    if (word(at) === "data" && data < 0) data = at + 8;
    at += 8 + size + (size % 2);
  }
  if (format < 0 || data < 0 || format + 16 > bytes.length) return undefined;
  const tag = view.getUint16(format, true);
  const isFloat = (tag === 0xfffe ? view.getUint16(format + 24, true) : tag) === 3;
  const channels = view.getUint16(format + 2, true);
  const frameBytes = view.getUint16(format + 12, true);
  const width = frameBytes / channels;
  const claimed = view.getUint32(data - 4, true);
  const rest = bytes.length - data;
  const isStreamed = claimed === 0xffffffff || claimed === 0;
  const size = isStreamed ? rest : Math.min(claimed, rest);
  return {
    sampleRate: view.getUint32(format + 4, true),
    channels,
    frames: Math.floor(size / frameBytes),
    isWhole: !isStreamed && claimed <= rest && size % frameBytes === 0 && !isContradicted,
    at(frame, channel) {
      const start = data + frame * frameBytes + channel * width;
      if (isFloat) return width === 8 ? view.getFloat64(start, true) : view.getFloat32(start, true);
      if (width === 1) return (bytes[start] - 128) / 128;
      let value = 0;
      for (let i = 0; i < width; i++) value += bytes[start + i] * 256 ** i;
      const half = 256 ** width / 2;
      return (value >= half ? value - 2 * half : value) / half;
    },
  };
}
