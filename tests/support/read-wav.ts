/**
 * Reads the few WAV forms the shared recordings have (16/24-bit PCM, 32-bit float), first channel, for tests only:
 * tests of the measurement must not depend on the product's own reader.
 */
import { readFileSync } from "node:fs";

/**
 * Read a WAV file's first channel.
 * @returns samples [n] in +-1 and the rate in Hz
 * @throws Error where the file is not one of these forms
 */
export function readWav(path: string | URL): { samples: Float64Array; sampleRate: number } {
  const file = readFileSync(path);
  let [format, channels, sampleRate, bits] = [0, 1, 0, 0];
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (name === "fmt ") {
      [format, channels] = [file.readUInt16LE(at + 8), file.readUInt16LE(at + 10)];
      [sampleRate, bits] = [file.readUInt32LE(at + 12), file.readUInt16LE(at + 22)];
    }
    if (name === "data") {
      const bytes = bits / 8;
      const count = Math.floor(Math.min(size, file.length - at - 8) / (bytes * channels));
      const isFloat = format === 3 && bits === 32;
      if (!isFloat && bits !== 16 && bits !== 24)
        throw new Error(`${path}: unsupported ${bits}-bit format ${format}`);
      const samples = Float64Array.from({ length: count }, (_, n) => {
        const position = at + 8 + n * bytes * channels;
        return isFloat ? file.readFloatLE(position) : file.readIntLE(position, bytes) / 2 ** (bits - 1);
      });
      return { samples, sampleRate };
    }
    at += 8 + size + (size % 2);
  }
  throw new Error(`${path}: no data chunk; not a WAV file`);
}
