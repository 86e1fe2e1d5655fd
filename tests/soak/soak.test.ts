// A shortened one of each long run (`pnpm soak`), and that they would notice what they look for.
import { describe, expect, test } from "vitest";
import { chromiumPath, inChromium } from "../support/chromium.ts";
import { soakDay } from "./day.ts";
import { growthOf } from "./figures.ts";
import { soakNotes } from "./notes.ts";
import { soakUpdates } from "./updates.ts";
import { soakWorklet } from "./worklet.ts";

const quiet = () => {};

describe("a short soak", () => {
  test("of updates: neither tensors nor heap grow", async () => {
    const { broken, rows } = await soakUpdates(120, quiet);
    expect(broken).toEqual([]);
    expect(rows.length).toBeGreaterThan(12);
  });

  test("of one model, plucked again and again: the same bits", () => {
    // the last of it, at the lowest frequencies, is silent (300 dB down) after 338 s
    const { broken, rows } = soakDay(800, 400, quiet);
    expect(broken).toEqual([]);
    expect(new Set(rows.map(({ bits }) => bits)).size).toBe(1);
  });

  test("of note-ons: no voice is stuck, nothing exceeds the limiter", () => {
    expect(soakNotes(150, 2, quiet).broken).toEqual([]);
  });

  test.skipIf(!chromiumPath)(inChromium("of the worklet: memory is flat"), async () => {
    const { broken } = await soakWorklet(3, quiet);
    // three seconds are less than it takes to be warm
    expect(broken.filter((sentence) => !sentence.includes("MiB: expected to stay"))).toEqual([]);
  });
});

describe("growthOf", () => {
  const rows = (...values: number[]) => values.map((tensors) => ({ tensors }));

  test("leaves out what comes first, and sees what comes later", () => {
    expect(growthOf(rows(1, 9, 7, 8, 7, 8), "tensors", 0)).toEqual([]);
    expect(growthOf(rows(1, 1, 7, 8, 8, 9), "tensors", 0)).toEqual([
      "tensors: expected to stay at 8, got 9, 1 more",
    ]);
    expect(growthOf(rows(1, 1, 7, 8, 8, 9), "tensors", 1)).toEqual([]);
    expect(growthOf(rows(1, 2), "tensors", 0)).toHaveLength(1);
  });
});
