// What a passive string is trained on: held-out stretches that no example touches, examples that the seed and the step
// alone decide, bands and noise as the judge sees them.
import { SequenceSchema, UserError } from "@neural-string/shared";
import { decayBands, decayNoise, Material } from "@neural-string/trainer/core/passive/material";
import { furthestDelay, retuned, type Tuning } from "@neural-string/trainer/core/passive/tuning";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { whiteNoise } from "../../../support/audio-files.ts";

const TUNING: Tuning = { sampleRate: 8000, f0: 110, taps: 64, ahead: 47 };
const HIGH = retuned(TUNING, 150);
const sequence = SequenceSchema.parse({ latestStart: 3 });
const silence = (seconds: number) => new Float32Array(Math.round(seconds * 8000));

describe("Material", () => {
  test("no example touches a held-out stretch, whatever the recordings and settings", () => {
    fc.assert(
      fc.property(
        fc.record({
          lengths: fc.array(fc.integer({ min: 9000, max: 200000 }), { minLength: 1, maxLength: 4 }),
          rollout: fc.double({ min: 0.02, max: 30, noNaN: true }),
          latestStart: fc.double({ min: 0.01, max: 30, noNaN: true }),
          startPower: fc.double({ min: 0.1, max: 10, noNaN: true }),
          heldOut: fc.double({ min: 0.2, max: 20, noNaN: true }),
          seed: fc.nat({ max: 2 ** 32 - 1 }),
        }),
        ({ lengths, rollout, latestStart, startPower, heldOut, seed }) => {
          const recordings = lengths.map((length) => new Float32Array(length));
          const tunings = lengths.map((_, i) => (i % 2 ? HIGH : TUNING));
          const material = new Material(
            recordings,
            tunings,
            { ...sequence, latestStart, startPower },
            heldOut,
            seed,
          );
          material.heldOut.forEach(({ recording, start, end }, i) => {
            expect(recording).toBe(i);
            expect(end).toBeLessThanOrEqual(lengths[i]);
            expect(end - start).toBeGreaterThanOrEqual(2048);
            expect(end - start).toBeLessThanOrEqual(end / 4);
          });
          for (let step = 0; step < 300; step++) {
            for (const { source, start, count, beside } of material.examples(step, rollout, 10)) {
              if (beside) {
                expect(tunings[beside.source]).toBe(tunings[source]);
                expect(Math.abs(beside.share)).toBeLessThanOrEqual(1);
                expect(beside.start).toBeGreaterThanOrEqual(0);
                const end = beside.start + 2 * furthestDelay(tunings[source]) + count;
                if (end > material.heldOut[beside.source].start) expect.fail(`a blend ends at ${end}`);
              }
              expect(start).toBeGreaterThanOrEqual(0);
              expect(count).toBe(material.countFor(source, rollout));
              const last = start + 2 * furthestDelay(tunings[source]) + count;
              if (last > material.heldOut[source].start) expect.fail(`an example ends at ${last}`);
            }
          }
          const noise = material.noisePart(0);
          const { start, end } = material.heldOut[0];
          expect(noise.length <= start || noise.length - 2 * 8000 >= end, "noise is read elsewhere").toBe(
            true,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  test("the seed and the step decide the examples, and nothing else", () => {
    const make = (seed: number) => new Material([silence(5), silence(4)], [TUNING, HIGH], sequence, 1, seed);
    const material = make(7);
    const at = (m: Material, step: number) => m.examples(step, 0.5, 6);
    const later = at(material, 12);
    at(material, 3);
    expect(at(material, 12)).toEqual(later);
    expect(at(make(7), 12)).toEqual(later);
    expect(at(make(8), 12)).not.toEqual(later);
    expect(at(material, 13).map(({ start }) => start)).not.toEqual(later.map(({ start }) => start));
  });

  test("recordings take turns, and beginnings come more often", () => {
    const material = new Material(
      [silence(9), silence(9), silence(9)],
      [TUNING, TUNING, HIGH],
      sequence,
      1,
      1,
    );
    const all = Array.from({ length: 600 }, (_, step) => material.examples(step, 0.5, 4)).flat();
    for (const source of [0, 1, 2]) {
      const starts = all.filter((example) => example.source === source).map(({ start }) => start);
      expect(starts.length).toBe(800);
      // a uniform number to the power 1.5 lies below a half for 0.63 of all
      const early = starts.filter((start) => start < (sequence.latestStart * 8000) / 2).length / 800;
      expect(early).toBeGreaterThan(0.57);
      expect(early).toBeLessThan(0.69);
      expect(Math.max(...starts)).toBeGreaterThan(0.95 * sequence.latestStart * 8000);
    }
  });

  test("a recording is used no longer than training wants", () => {
    const [{ start, end }] = new Material([silence(60)], [TUNING], sequence, 1.5, 1).heldOut;
    expect(end).toBe((3 + 3.6 + 1.5) * 8000 + 2 * furthestDelay(TUNING));
    expect(end - start).toBe(1.5 * 8000);
  });

  test("what is too short is refused in one sentence, and what it asks for is enough", () => {
    const make = (...seconds: number[]) =>
      new Material(
        seconds.map(silence),
        seconds.map(() => TUNING),
        sequence,
        1,
        1,
      );
    const message =
      "recording 2: expected at least 1.03 s of decay for a passive string at this pitch, got 1.00 s; use a longer recording";
    expect(() => make(2, 1)).toThrow(new UserError(message));
    expect(() => make(2, 1.03)).not.toThrow();
    // a long period wants more
    const low = { sampleRate: 8000, f0: 27.5, taps: 2048, ahead: 200 };
    expect(() => new Material([silence(1.03)], [low], sequence, 1, 1)).toThrow("at least 1.13 s");
    expect(() => new Material([silence(1.13)], [low], sequence, 1, 1)).not.toThrow();
  });
});

describe("decayBands", () => {
  test.each([8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000])(
    "ascend within the frame at %i Hz",
    (rate) => {
      const bands = [...decayBands(rate)];
      expect(bands[0]).toBe(0);
      expect(bands.length).toBeGreaterThanOrEqual(12);
      bands.slice(1).forEach((bin, i) => {
        expect(Number.isInteger(bin)).toBe(true);
        expect(bin).toBeGreaterThan(bands[i]);
      });
      // to 16 kHz, or as far as there is sound
      const top = Math.ceil((16000 * 2048) / rate);
      expect([Math.min(1025, top), Math.min(1025, top + 1)], "or as rounding has it").toContain(bands.at(-1));
    },
  );
});

describe("decayNoise", () => {
  test("is the energy a frame that white noise has in each band", () => {
    const level = 1e-3;
    const rate = 8000;
    const samples = whiteNoise(8 * rate, level);
    const bands = decayBands(rate);
    const noise = decayNoise(samples, rate, 110);
    expect(noise.length).toBe(bands.length - 1);
    // a Hann window of 2048 passes 3/8 of 2048 times the power, in every bin
    const perBin = 0.375 * 2048 * level ** 2;
    noise.forEach((energy, b) => {
      // the floor is a lower quartile of few frames: below the mean, but not far
      const ratio = energy / ((bands[b + 1] - bands[b]) * perBin);
      expect(ratio, `band ${b}`).toBeGreaterThan(0.4);
      expect(ratio, `band ${b}`).toBeLessThan(1.1);
    });
  });

  test("is unknown, 0, where the recording is too short to tell", () => {
    expect(decayNoise(whiteNoise(5 * 8000, 0.1), 8000, 110).every((x) => x === 0)).toBe(true);
  });
});
