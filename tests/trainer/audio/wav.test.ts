/** WAV reading and writing: round trips, every sample format from hand-made bytes, and nothing but UserErrors. */
import { UserError } from "@neural-string/shared";
import { decodeWav, encodeWav } from "@neural-string/trainer/audio/wav";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chunk, riff, waveFormat } from "../../support/audio-files.ts";

const bitsOf = (samples: Float32Array) =>
  new Uint32Array(samples.buffer, samples.byteOffset, samples.length).slice();
const decodeOne = (bytes: Uint8Array) => [...decodeWav(bytes).channels[0]];

/** Decoding may succeed, or fail with a sentence; nothing else. */
function decodesOrExplains(bytes: Uint8Array): void {
  try {
    decodeWav(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).not.toContain("\n");
  }
}

describe("encodeWav", () => {
  test("a round trip keeps every bit, NaN, infinities, subnormals and -0 included", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1000, max: 192_000 }),
        (raw, sampleRate) => {
          const samples = new Float32Array(raw.slice(0, raw.length & ~3).buffer);
          const decoded = decodeWav(encodeWav(samples, sampleRate));
          expect(decoded.sampleRate).toBe(sampleRate);
          expect(decoded.channels).toHaveLength(1);
          // a NaN's payload may be changed by the engine on its way through a number; all else is equal bit for bit
          const same = bitsOf(decoded.channels[0]).every(
            (word, i) => word === bitsOf(samples)[i] || Number.isNaN(samples[i]),
          );
          expect(same && decoded.channels[0].length === samples.length).toBe(true);
          expect(decoded.notes).toEqual([]);
        },
      ),
    );
  });

  test("writes the fact chunk that float files need", () => {
    const bytes = Buffer.from(encodeWav(new Float32Array(5), 48_000));
    expect(bytes.toString("latin1", 38, 42)).toBe("fact");
    expect(bytes.readUInt32LE(46)).toBe(5);
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
  });
});

describe("decodeWav", () => {
  const format = (tag: number, bits: number, channels = 1) =>
    chunk("fmt ", waveFormat(tag, channels, 44_100, bits));

  test.each([
    { name: "8-bit PCM", tag: 1, bits: 8, data: [0, 128, 192, 255], expected: [-1, 0, 0.5, 127 / 128] },
    {
      name: "16-bit PCM",
      tag: 1,
      bits: 16,
      data: [0, 0x80, 0, 0x40, 0xff, 0xff],
      expected: [-1, 0.5, -1 / 32768],
    },
    {
      name: "24-bit PCM",
      tag: 1,
      bits: 24,
      data: [0, 0, 0x80, 0, 0, 0x40, 1, 0, 0, 0xff, 0xff, 0xff],
      expected: [-1, 0.5, 2 ** -23, -(2 ** -23)],
    },
    { name: "32-bit PCM", tag: 1, bits: 32, data: [0, 0, 0, 0x80, 0, 0, 0, 0x40], expected: [-1, 0.5] },
    { name: "32-bit float", tag: 3, bits: 32, data: [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], expected: [1, -2] },
    { name: "64-bit float", tag: 3, bits: 64, data: [0, 0, 0, 0, 0, 0, 0xe0, 0x3f], expected: [0.5] },
  ])("reads $name", ({ tag, bits, data, expected }) => {
    expect(decodeOne(riff(format(tag, bits), chunk("data", data)))).toEqual(expected);
  });

  test("keeps channels apart", () => {
    const { channels } = decodeWav(riff(format(1, 8, 2), chunk("data", [128, 192, 64, 0])));
    expect(channels.map((channel) => [...channel])).toEqual([
      [0, -0.5],
      [0.5, -1],
    ]);
  });

  test("reads extensible files, 24 bits left-justified in 4 bytes too", () => {
    const tail = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
    const base = waveFormat(0xfffe, 1, 44_100, 32);
    const body = Buffer.concat([base, Buffer.from([22, 0, 24, 0, 4, 0, 0, 0, ...tail])]);
    expect(decodeOne(riff(chunk("fmt ", body), chunk("data", [0, 0, 0, 0x40])))).toEqual([0.5]);
  });

  test("skips unknown chunks, and the pad byte after odd ones", () => {
    const file = riff(
      chunk("LIST", [1, 2, 3]),
      format(1, 8),
      chunk("junk", [9]),
      chunk("data", [192]),
      chunk("id3 ", [1]),
    );
    expect(decodeOne(file)).toEqual([0.5]);
  });

  test.each([0, 0xffffffff])("a data size of %d, as pipes write it, means up to the end", (size) => {
    const file = riff(format(1, 8), chunk("data", [192, 128, 64, 192]));
    file.writeUInt32LE(size, 40);
    const decoded = decodeWav(file);
    expect([...decoded.channels[0]]).toEqual([0.5, 0, -0.5, 0.5]);
    expect(decoded.notes[0]).toMatch(/does not know its length/);
  });

  test("an empty data chunk before another chunk stays empty", () => {
    expect(decodeOne(riff(format(1, 8), chunk("data", []), chunk("LIST", [1, 2, 3, 4])))).toEqual([]);
  });

  test("RF64 takes the size from its ds64 chunk", () => {
    const sizes = Buffer.alloc(28);
    sizes.writeBigUInt64LE(2n, 8);
    const file = riff(chunk("ds64", sizes), format(1, 8), chunk("data", [192, 64, 0, 0]));
    file.write("RF64", 0, "latin1");
    file.writeUInt32LE(0xffffffff, 12 + 36 + 24 + 4);
    expect(decodeOne(file)).toEqual([0.5, -0.5]);
  });

  test("samples that end within a frame are read to the last whole one, and a note", () => {
    const stereo = chunk("fmt ", waveFormat(1, 2, 44100, 16));
    const { channels, notes } = decodeWav(riff(stereo, chunk("data", [0, 64, 0, 64, 0, 32])));
    expect(channels.map((samples) => [...samples])).toEqual([[0.5], [0.5]]);
    expect(notes).toEqual(["its samples end within a frame: the last bytes (2) were left out"]);
  });

  test("a second format that contradicts the first is a note, one that repeats it is not", () => {
    const notesOf = (rate: number) =>
      decodeWav(
        riff(
          chunk("fmt ", waveFormat(1, 1, 44100, 16)),
          chunk("fmt ", waveFormat(1, 1, rate, 16)),
          chunk("data", [0, 64]),
        ),
      ).notes;
    expect(notesOf(44100)).toEqual([]);
    expect(notesOf(48000)).toEqual([
      "a second 'fmt ' chunk says otherwise than the first, which was believed; export it again",
    ]);
  });

  test("a file that ends early gives what is there, and a note", () => {
    const file = riff(format(1, 16), chunk("data", [0, 0x40, 0, 0x40, 0, 0x40]));
    const decoded = decodeWav(file.subarray(0, file.length - 3));
    expect([...decoded.channels[0]]).toEqual([0.5]);
    expect(decoded.notes).toEqual(["the file ends early: 3 of 6 bytes of samples are there"]);
  });

  test.each([
    { name: "no fmt chunk", file: riff(chunk("data", [1])), sentence: /no 'fmt ' chunk/ },
    {
      name: "no data chunk",
      file: riff(format(1, 8)),
      sentence: /no 'data' chunk, so the file holds no samples/,
    },
    {
      name: "a short fmt chunk",
      file: riff(chunk("fmt ", [1, 0]), chunk("data", [])),
      sentence: /has 2 bytes; expected 16/,
    },
    {
      name: "no channels",
      file: riff(format(1, 8, 0), chunk("data", [])),
      sentence: /says 0 channels; expected 1 to 64/,
    },
    { name: "ADPCM", file: riff(format(17, 8), chunk("data", [])), sentence: /compressed WAV \(IMA ADPCM\)/ },
    {
      name: "float of 16 bits",
      file: riff(format(3, 16), chunk("data", [])),
      sentence: /16 bits in 2 bytes.*float of 32 or 64/,
    },
    { name: "another file", file: Buffer.from("PK\x03\x04"), sentence: /not a WAV file/ },
  ])("refuses $name with a sentence", ({ file, sentence }) => {
    expect(() => decodeWav(file)).toThrow(UserError);
    expect(() => decodeWav(file)).toThrow(sentence);
  });

  test("a sample rate of 0 is refused", () => {
    const file = riff(chunk("fmt ", waveFormat(1, 1, 0, 8)), chunk("data", [1]));
    expect(() => decodeWav(file)).toThrow(/0 samples per second; expected 1000 to 1000000/);
  });

  test("a file cut at any byte, or with any byte changed, is read or explained", () => {
    const file = riff(
      format(1, 24, 2),
      chunk("LIST", [1, 2, 3]),
      chunk("data", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
    );
    for (let length = 0; length < file.length; length++) decodesOrExplains(file.subarray(0, length));
    for (let at = 0; at < file.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(file);
        changed[at] = value;
        decodesOrExplains(changed);
      }
    }
  });

  test("random bytes after a genuine start are read or explained", () => {
    const start = [...Buffer.from("RIFF\xff\xff\xff\xffWAVE", "latin1")];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withFormat) => {
        const opening = withFormat ? [...start, ...format(1, 16)] : start;
        decodesOrExplains(Uint8Array.from([...opening, ...bytes]));
      }),
      { numRuns: 300 },
    );
  });
});
