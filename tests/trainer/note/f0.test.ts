/** f0 and B of synthetic strings, of real ones, and the sentences when there is no one string to find. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { readRecording } from "@neural-string/trainer/audio/read-recording";
import { estimateF0 } from "@neural-string/trainer/note/f0";
import { findOnset } from "@neural-string/trainer/note/onset";
import { describe, expect, test } from "vitest";
import { knownString, mix, pianoNote, sine, stratFolder, whiteNoise } from "../../support/audio-files.ts";

const cents = (a: number, b: number) => 1200 * Math.log2(a / b);

describe("estimateF0", () => {
  test.each([
    { f0: 27.5, inharmonicity: 3e-4 },
    { f0: 41.2, inharmonicity: 1e-4 },
    { f0: 54.79, inharmonicity: 9e-5, fundamental: 0.02 },
    { f0: 82.5, inharmonicity: 1.4e-4 },
    { f0: 82.5, inharmonicity: 0, fundamental: 0 },
    { f0: 110, inharmonicity: 0 },
    { f0: 196, inharmonicity: 5e-5 },
    { f0: 261.6, inharmonicity: 3e-4 },
    { f0: 659.26, inharmonicity: 5e-4 },
    { f0: 1760, inharmonicity: 2e-3 },
    { f0: 3520, inharmonicity: 5e-3 },
  ])("finds $f0 Hz with B $inharmonicity within a cent", (string) => {
    for (const sampleRate of [44_100, 96_000]) {
      const found = estimateF0(knownString({ ...string, seconds: 2.2, sampleRate }), sampleRate);
      expect(Math.abs(cents(found.f0, string.f0))).toBeLessThan(1);
      expect(found.confidence).toBeGreaterThan(0.6);
      if (string.f0 > 50 && string.f0 < 1000 && string.inharmonicity > 0) {
        expect(Math.abs((found.inharmonicity ?? 0) / string.inharmonicity - 1)).toBeLessThan(0.1);
      }
    }
  });

  test("depends neither on the level nor, much, on noise 40 dB down", () => {
    const string = { f0: 82.5, inharmonicity: 1.4e-4, seconds: 2.2, sampleRate: 44_100 };
    const reference = estimateF0(knownString({ ...string, level: 1 }), 44_100).f0;
    for (const level of [1e-3, 0.03]) {
      expect(
        Math.abs(cents(estimateF0(knownString({ ...string, level }), 44_100).f0, reference)),
      ).toBeLessThan(0.01);
    }
    expect(
      Math.abs(cents(estimateF0(knownString({ ...string, noise: 0.005 }), 44_100).f0, 82.5)),
    ).toBeLessThan(1);
  });

  test("half a second is enough for a guitar, a fifth for its upper octave", () => {
    const low = estimateF0(knownString({ f0: 82.5, seconds: 0.5, sampleRate: 44_100 }), 44_100);
    expect(Math.abs(cents(low.f0, 82.5))).toBeLessThan(2);
    const high = estimateF0(knownString({ f0: 660, seconds: 0.2, sampleRate: 44_100 }), 44_100);
    expect(Math.abs(cents(high.f0, 660))).toBeLessThan(2);
  });

  test("a pure tone is its own fundamental, hum in the background is not", () => {
    expect(estimateF0(sine(440, 44_100, 44_100), 44_100).f0).toBeCloseTo(440, 1);
    const string = knownString({ f0: 196, seconds: 2.2, sampleRate: 44_100 });
    const humming = mix({ sound: string }, { sound: sine(50, 97_020, 44_100, 0.005) });
    expect(Math.abs(cents(estimateF0(humming, 44_100).f0, 196))).toBeLessThan(1);
  });

  test("near chooses among readings, and only within 100 cents", () => {
    const string = knownString({ f0: 110, seconds: 2.2, sampleRate: 44_100 });
    expect(Math.abs(cents(estimateF0(string, 44_100, { near: 112 }).f0, 110))).toBeLessThan(1);
    expect(() => estimateF0(string, 44_100, { near: 150 })).toThrow(/f0 not found: .*give another --f0 HZ/);
  });

  test.each([
    { name: "silence", sound: new Float32Array(44_100), sentence: /no partial stands out of the noise/ },
    { name: "noise", sound: whiteNoise(88_200, 0.1), sentence: /noise/ },
    {
      name: "a moment",
      sound: knownString({ f0: 82.5, seconds: 0.05, sampleRate: 44_100 }),
      sentence: /0\.050 s are too short, at least 0\.112 s are needed/,
    },
    { name: "nothing", sound: new Float32Array(0), sentence: /0\.000 s are too short/ },
    {
      name: "a chord",
      sound: mix(
        ...[110, 138.6, 155.6, 185].map((f0) => ({
          sound: knownString({ f0, seconds: 2.2, sampleRate: 44_100 }),
        })),
      ),
      sentence: /several notes/,
    },
  ])("$name is refused with its cause and the remedy", ({ sound, sentence }) => {
    expect(() => estimateF0(sound, 44_100)).toThrow(UserError);
    expect(() => estimateF0(sound, 44_100)).toThrow(sentence);
    expect(() => estimateF0(sound, 44_100)).toThrow(/^f0 not found: .*--f0 HZ/);
  });

  test.skipIf(!stratFolder)(
    "the guitar's low E lies at 82.4 to 82.6 Hz (../shared/data/strat-low-e)",
    async () => {
      for (const name of ["2.wav", "3.wav", "4.wav"]) {
        const { samples, sampleRate } = await readRecording(join(stratFolder ?? "", name));
        const { f0, inharmonicity } = estimateF0(samples, sampleRate);
        expect(f0).toBeGreaterThan(82.4);
        expect(f0).toBeLessThan(82.6);
        expect(inharmonicity).toBeGreaterThan(1.2e-4);
        expect(inharmonicity).toBeLessThan(1.8e-4);
      }
    },
  );

  const notes = { A1: 55, C2: 65.406, A2: 110, A3: 220, C4: 261.626, A4: 440, A5: 880 };
  test.skipIf(!existsSync(pianoNote(8, "A1")))(
    "the piano's notes lie within 10 cents of their names",
    async () => {
      for (const velocity of [8, 10, 12] as const) {
        for (const [note, nominal] of Object.entries(notes)) {
          const { samples, sampleRate } = await readRecording(pianoNote(velocity, note));
          const { f0 } = estimateF0(samples.subarray(findOnset(samples, sampleRate)), sampleRate);
          expect(Math.abs(cents(f0, nominal)), `${note} at velocity ${velocity}: ${f0} Hz`).toBeLessThan(10);
        }
      }
    },
  );
});
