/** Files on disk: every format by its content, and a sentence for everything that can be wrong with a path. */
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { decodeAudio, recogniseContainer } from "@neural-string/trainer/audio/decode";
import { readAudioFile, readRecording } from "@neural-string/trainer/audio/read-recording";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { describe, expect, test, vi } from "vitest";
import { aiff, goldenAudio, pianoNote, sine, temporaryFolder } from "../../support/audio-files.ts";

const folder = temporaryFolder();
const save = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toContain("\n");
  return error.message as string;
};
/** The tone the goldens were made from: left 220 Hz, right 330 Hz. */
const original = (frequency: number, t: number) =>
  0.5 * Math.exp(-4 * t) * Math.sin(2 * Math.PI * frequency * t);

describe("readAudioFile", () => {
  test.each([
    { file: "two-tones.flac", container: "flac", frames: 8000, sampleRate: 44_100, tolerance: 3.1e-5 },
    { file: "two-tones.oga", container: "flac", frames: 8000, sampleRate: 44_100, tolerance: 3.1e-5 },
    { file: "two-tones.ogg", container: "ogg-vorbis", frames: 17_640, sampleRate: 44_100, tolerance: 0.03 },
    { file: "two-tones.opus", container: "ogg-opus", frames: 19_512, sampleRate: 48_000, tolerance: 0.03 },
    { file: "two-tones.mp3", container: "mp3", frames: 17_640, sampleRate: 44_100, tolerance: 0.03 },
  ])("$file gives the tones it was made from, without delay, whatever its name", async (expected) => {
    const path = join(folder, `${expected.file}.wav`);
    copyFileSync(goldenAudio(expected.file), path);
    const audio = await readAudioFile(path);
    expect(audio).toMatchObject({
      container: expected.container,
      sampleRate: expected.sampleRate,
      frames: expected.frames,
    });
    expect(audio.contentHash).toBe(createHash("sha256").update(readFileSync(path)).digest("hex"));
    expect(audio.channels).toHaveLength(2);
    for (const [channel, frequency] of [220, 330].entries()) {
      let error = 0;
      for (let i = 1000; i < 7000; i++) {
        error = Math.max(
          error,
          Math.abs(audio.channels[channel][i] - original(frequency, i / audio.sampleRate)),
        );
      }
      expect(error).toBeLessThan(expected.tolerance);
    }
  });

  test("FLAC equals the 16-bit samples it was made from, bit for bit", async () => {
    const { channels } = await readAudioFile(goldenAudio("two-tones.flac"));
    for (let i = 0; i < 8000; i++) {
      expect(channels[0][i]).toBe(Math.round(original(220, i / 44_100) * 32767) / 32768 + 0);
    }
  });

  test.each(["two-tones.flac", "two-tones.ogg", "two-tones.opus", "two-tones.mp3"])(
    "%s cut anywhere is read in part or explained in one line, and prints nothing",
    async (file) => {
      const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
      const bytes = readFileSync(goldenAudio(file));
      for (const length of [4, 5, 27, 30, 60, 100, 200, 500, 1000, 2500, 4001, bytes.length - 1]) {
        const path = save("cut", bytes.subarray(0, length));
        const error = await readAudioFile(path).then(
          () => undefined,
          (reason) => reason,
        );
        if (error) expect(error).toBeInstanceOf(UserError);
        if (error) expect(error.message).toMatch(/^cut: .*(convert|export)/);
      }
      expect(print).not.toHaveBeenCalled();
      print.mockRestore();
    },
  );

  test("what a decoder cannot read is said in our own words", async () => {
    const opus = readFileSync(goldenAudio("two-tones.opus"));
    opus[37] = 0; // OpusHead's channels
    expect(await failure(readAudioFile(save("none.opus", opus)))).toBe(
      "none.opus: damaged or cut off OGG Opus: expected sound, the decoder could not read it; export it again, or convert it to WAV",
    );
    const flac = readFileSync(goldenAudio("two-tones.oga")).subarray(0, 100);
    expect(await failure(readAudioFile(save("cut.oga", flac)))).toMatch(
      /^cut\.oga: damaged or cut off FLAC: expected sound, [a-z ]+; export/,
    );
  });

  test("damage anywhere gives sound or a sentence, and prints nothing", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => undefined);
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 2 ** 31) * below);
    };
    for (const file of ["two-tones.flac", "two-tones.ogg", "two-tones.opus", "two-tones.mp3"]) {
      const bytes = readFileSync(goldenAudio(file));
      for (let round = 0; round < 40; round++) {
        const damaged = Buffer.from(bytes.subarray(0, 200 + random(bytes.length - 200)));
        for (let i = 1 + random(40); i > 0; i--) damaged[4 + random(damaged.length - 4)] = random(256);
        const error = await decodeAudio(damaged, "damaged").then(
          () => undefined,
          (reason) => reason,
        );
        if (error) expect(error, `${file}, round ${round}`).toBeInstanceOf(UserError);
      }
    }
    expect(print).not.toHaveBeenCalled();
    print.mockRestore();
  });

  test("AIFF is recognised by its content", async () => {
    expect(await readAudioFile(save("a.wav", aiff(16, 1, [0x40, 0])))).toMatchObject({
      container: "aiff",
      frames: 1,
    });
  });

  test.each([
    {
      name: "archive.wav",
      bytes: "PK\x03\x04....",
      sentence:
        "archive.wav: not an audio file we can read (starts with 'PK'); expected WAV, AIFF, OGG, FLAC or MP3; convert it first",
    },
    {
      name: "page.wav",
      bytes: "<!DOCTYPE html>",
      sentence:
        "page.wav: not an audio file we can read (starts with '<!DO'); expected WAV, AIFF, OGG, FLAC or MP3; convert it first",
    },
    {
      name: "phone.m4a",
      bytes: "\0\0\0\x20ftypM4A ",
      sentence:
        "phone.m4a: not an audio file we can read (an MP4 or M4A file); expected WAV, AIFF, OGG, FLAC or MP3; convert it first",
    },
    {
      name: "zeros.wav",
      bytes: "\0\0\0\0\0",
      sentence:
        "zeros.wav: not an audio file we can read (starts with bytes 00 00 00 00); expected WAV, AIFF, OGG, FLAC or MP3; convert it first",
    },
    {
      name: "empty.wav",
      bytes: "",
      sentence: "empty.wav: the file is empty (0 bytes); export or download it again",
    },
  ])("$name is refused", async ({ name, bytes, sentence }) => {
    expect(await failure(readAudioFile(save(name, Buffer.from(bytes, "latin1"))))).toBe(sentence);
  });

  test("a decoder's sentence gets the file's name", async () => {
    const cut = encodeWav(sine(440, 10, 44_100), 44_100).subarray(0, 20);
    expect(await failure(readAudioFile(save("cut.wav", cut)))).toMatch(
      /^cut\.wav: the 'fmt ' chunk has 0 bytes/,
    );
  });

  test("a missing file, a folder and a file used as a folder are named", async () => {
    expect(await failure(readAudioFile(join(folder, "no.wav")))).toMatch(
      /^no\.wav: no such file \(looked for .*no\.wav\); check/,
    );
    expect(await failure(readAudioFile(join(folder, "a\0.wav")))).toBe(
      "a .wav: no such file (its name has the character U+0000 in it); check the path",
    );
    expect(await failure(readAudioFile(folder))).toMatch(/: is a folder; expected an audio file/);
    expect(await failure(readAudioFile(join(save("file.wav", "x"), "inner.wav")))).toMatch(
      /^inner\.wav: no such file/,
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    "a file without permission is named (root may read all)",
    async () => {
      const path = save("secret.wav", "x");
      chmodSync(path, 0);
      expect(await failure(readAudioFile(path))).toMatch(/^secret\.wav: permission to read it was denied/);
    },
  );
});

describe("readRecording", () => {
  test("takes the first channel unless told otherwise, and names missing ones", async () => {
    const path = goldenAudio("two-tones.flac");
    const { channels, contentHash } = await readAudioFile(path);
    const first = await readRecording(path);
    expect(first).toMatchObject({
      path,
      name: "two-tones.flac",
      sampleRate: 44_100,
      sourceSampleRate: 44_100,
      contentHash,
      notes: [],
    });
    expect(first.samples).toEqual(channels[0]);
    expect((await readRecording(path, { channel: 1 })).samples).toEqual(channels[1]);
    expect(await failure(readRecording(path, { channel: 2 }))).toBe(
      "two-tones.flac: channel 2 does not exist; the file has channels 0 to 1; choose one of them with --channel",
    );
  });

  test("refuses samples that no sound has, unless they are asked for", async () => {
    const read = (peak: number, mayBeBroken?: boolean) =>
      readRecording(save("loud.wav", encodeWav(sine(440, 100, 44_100, peak), 44_100)), { mayBeBroken });
    expect(await failure(read(1e20))).toMatch(/^loud\.wav: has a peak of \S+; expected at most 1000000 /);
    expect(await failure(read(Number.NaN))).toMatch(/^loud\.wav: sample 0 is NaN; expected finite numbers/);
    expect((await read(1e20, true)).samples).toHaveLength(100);
    expect((await read(1e5)).samples).toHaveLength(100);
  });

  test("resamples on request and says so", async () => {
    const recording = await readRecording(goldenAudio("two-tones.flac"), { targetSampleRate: 48_000 });
    expect(recording).toMatchObject({
      sampleRate: 48_000,
      sourceSampleRate: 44_100,
      notes: ["resampled from 44100 to 48000 Hz"],
    });
    expect(recording.samples).toHaveLength(Math.ceil((8000 * 48) / 44.1));
  });

  test.skipIf(!existsSync(pianoNote(8, "A1")))("reads the piano's OGG files", async () => {
    const recording = await readRecording(pianoNote(8, "A1"));
    expect(recording.sampleRate).toBe(48_000);
    expect(recording.samples.length / 48_000).toBeGreaterThan(20);
  });
});

describe("recogniseContainer", () => {
  test("knows an MPEG frame without a tag, and tells it from chance", () => {
    expect(recogniseContainer(Uint8Array.from([0xff, 0xfb, 0x90, 0x00]))).toBe("mp3");
    expect(recogniseContainer(Uint8Array.from([0xff, 0xff, 0xff, 0xff]))).toBeUndefined();
    expect(recogniseContainer(Uint8Array.from([]))).toBeUndefined();
  });
});
