// What is held out: laws for any recordings, taps and wishes.
import { holdOut, isTrainable, type Stretch } from "@neural-string/trainer/core/held-out";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const wishes = fc.record({
  lengths: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 3 }),
  longestDelay: fc.integer({ min: 1, max: 200 }),
  stretches: fc.integer({ min: 1, max: 12 }),
  samples: fc.integer({ min: 2, max: 1000 }),
});

describe("holdOut", () => {
  test("stretches lie inside their recording, after a full past, and do not overlap", () => {
    fc.assert(
      fc.property(wishes, ({ lengths, longestDelay, stretches, samples }) => {
        const found = holdOut(lengths, longestDelay, stretches, samples);
        found.forEach(({ recording, start, end }, i) => {
          expect(start).toBeGreaterThanOrEqual(longestDelay);
          expect(end).toBeGreaterThan(start);
          expect(end - start).toBeLessThanOrEqual(samples);
          expect(end).toBeLessThanOrEqual(lengths[recording]);
          const before = found[i - 1];
          if (before?.recording === recording) expect(start).toBeGreaterThanOrEqual(before.end);
        });
      }),
    );
  });

  test("at most a quarter of what follows the first full past is held out", () => {
    fc.assert(
      fc.property(wishes, ({ lengths, longestDelay, stretches, samples }) => {
        const found = holdOut(lengths, longestDelay, stretches, samples);
        lengths.forEach((length, recording) => {
          const own = found.filter((stretch) => stretch.recording === recording);
          const held = own.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(held).toBeLessThanOrEqual(0.25 * Math.max(0, length - longestDelay));
        });
      }),
    );
  });

  test("a recording long enough gets all its stretches at their full length, from the early decay to the late", () => {
    const found = holdOut([20000], 100, 3, 500);
    expect(found.map(({ start, end }) => end - start)).toEqual([500, 500, 500]);
    expect(found[0].start).toBeLessThan(20000 / 4);
    expect(found[2].end).toBeGreaterThan(20000 / 2);
  });

  test("a recording too short to spare any keeps all", () => {
    expect(holdOut([50, 5000], 100, 2, 300).map(({ recording }) => recording)).toEqual([1, 1]);
  });
});

describe("isTrainable", () => {
  test("no trainable sample lies in a held-out stretch, nor does any of its taps", () => {
    fc.assert(
      fc.property(wishes, fc.gen(), ({ lengths: [length], longestDelay, stretches, samples }, gen) => {
        const found = holdOut([length], longestDelay, stretches, samples);
        const delays = gen(() =>
          fc.array(fc.integer({ min: 1, max: longestDelay }), { minLength: 1, maxLength: 9 }),
        );
        const held = new Set<number>();
        for (const { start, end } of found) for (let n = start; n < end; n++) held.add(n);
        for (let n = longestDelay; n < length; n++) {
          if (!isTrainable(n, longestDelay, found)) continue;
          for (const delay of [0, longestDelay, ...delays])
            if (held.has(n - delay)) expect.fail(`${n} - ${delay}`);
        }
      }),
    );
  });

  test("everything else is trainable: up to the stretch, and again one longest delay after it", () => {
    const stretches: Stretch[] = [{ recording: 0, start: 50, end: 60 }];
    const trainable = Array.from({ length: 100 }, (_, n) => n).filter((n) => isTrainable(n, 7, stretches));
    expect(trainable.filter((n) => n < 50)).toHaveLength(50);
    expect(trainable.filter((n) => n >= 50)[0]).toBe(67);
    expect(trainable.at(-1)).toBe(99);
  });
});
