// What the page says of recordings of known faults: which row minds what, where the picture marks it, and what the handles
// can mend.
import { type CheckName, preflight } from "@neural-string/playground/make/preflight";
import { describe, expect, test } from "vitest";
import { knownString, mix, whiteNoise } from "../../support/audio-files.ts";

const sampleRate = 22_050;
const LEAD = 0.2;

const string = { f0: 110, seconds: 3, sampleRate, noise: 1e-5 };
const note = knownString(string);
const good = knownString({ ...string, lead: LEAD });
/** Struck again a second after the first time. */
const again = mix({ sound: good }, { sound: note, at: Math.round((LEAD + 1) * sampleRate) }).subarray(
  0,
  good.length,
);
const look = (samples: Float32Array, f0: number | null = null) => preflight(samples, sampleRate, null, f0);
/** What is not good. */
const minded = ({ rows }: ReturnType<typeof preflight>) =>
  Object.fromEntries(rows.filter(({ tone }) => tone !== "good").map(({ name, tone }) => [name, tone]));
const row = (found: ReturnType<typeof preflight>, name: CheckName) =>
  found.rows.find((one) => one.name === name);

describe("preflight", () => {
  test("a clean note: all seven rows are good, its pitch and onset are found", () => {
    const found = look(good);
    expect(minded(found)).toEqual({});
    expect(found.rows).toHaveLength(7);
    expect(found.isUsable).toBe(true);
    expect(found.f0).toBeCloseTo(110, 1);
    expect(row(found, "pitch")?.value).toMatch(/^1(09\.9|10\.0)\d Hz, A2 [+−]0 cents$/);
    expect(found.marks.onset).toBeCloseTo(LEAD, 2);
    expect(found.stretch.start).toBe(Math.round(found.marks.onset * sampleRate));
    expect(found.stretch.end).toBe(good.length);
    expect(found.marks.clipping).toEqual([]);
  });

  test("clipped at full scale cannot be used, and each flat top is marked within the loud part", () => {
    const found = look(good.map((x) => Math.max(-1, Math.min(1, 4 * x))));
    expect(minded(found)).toMatchObject({ clipping: "poor" });
    expect(found.isUsable).toBe(false);
    expect(row(found, "clipping")?.sentence).toMatch(/^Is clipped \(.*record it again with less gain\.$/);
    const { clipping } = found.marks;
    expect(clipping.length).toBeGreaterThan(3);
    expect(clipping).toEqual(clipping.toSorted((a, b) => a - b));
    expect(clipping[0]).toBeGreaterThanOrEqual(LEAD);
    expect(row(found, "clipping")?.value).toBe(`${clipping.length} flat tops`);
  });

  test("a second pluck is marked where it is, and is gone once the handles leave it out", () => {
    const found = look(again);
    expect(minded(found)).toEqual({ pluck: "fair" });
    expect(found.marks.attacks).toHaveLength(1);
    expect(found.marks.attacks[0]).toBeCloseTo(LEAD + 1, 1);
    expect(row(found, "pluck")?.sentence).toContain("cut it away with the handles");
    const from = Math.round((LEAD + 0.99) * sampleRate);
    const after = preflight(again, sampleRate, { start: from, end: again.length }, null);
    expect(after.marks.attacks).toEqual([]);
    expect(row(after, "pluck")?.tone).toBe("good");
    // marks and sentences count from the whole recording's start
    expect(after.marks.onset).toBeGreaterThan(LEAD + 0.9);
    expect(minded(after)).toMatchObject({ onset: "fair" });
    const onset = Math.round(LEAD * sampleRate);
    const same = preflight(again, sampleRate, { start: onset, end: again.length }, null);
    expect(minded(same)).toEqual({ pluck: "fair" });
    expect(row(same, "pluck")?.sentence).toBe(row(found, "pluck")?.sentence);
  });

  test("noise, a short note, and one that begins within its sound are minded, each in its row", () => {
    const noisy = mix({ sound: good }, { sound: whiteNoise(good.length, 0.02) });
    expect(minded(look(noisy))).toMatchObject({ noise: "fair" });
    expect(row(look(noisy), "noise")?.sentence).toContain("record it in a quieter place");
    const short = look(good.slice(0, Math.round((LEAD + 0.15) * sampleRate)));
    expect(minded(short)).toMatchObject({ length: "poor" });
    expect(short.isUsable).toBe(false);
    expect(minded(look(note))).toEqual({ onset: "fair" });
  });

  test("silence and noise have no pitch; what is stated is taken, within what a loop can be", () => {
    const silent = look(new Float32Array(sampleRate));
    expect(minded(silent)).toMatchObject({ level: "poor" });
    expect(row(silent, "level")?.sentence).not.toContain("--");
    const hiss = look(whiteNoise(2 * sampleRate, 0.3));
    expect(row(hiss, "pitch")).toMatchObject({ tone: "poor", value: "not found" });
    expect(row(hiss, "pitch")?.sentence).toMatch(
      /^F0 not found: .*state it below, or record one clean note\.$/,
    );
    expect(look(good, 55).f0).toBe(55);
    expect(row(look(good, 9000), "pitch")?.sentence).toMatch(/expected 10 to 2756.25 Hz/);
    expect(look(new Float32Array(0)).isUsable).toBe(false);
  });
});
