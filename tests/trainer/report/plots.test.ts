import { filterLine, keepExtremes, positive, rounded, runs } from "@neural-string/trainer/report/plots";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const series = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 500 });

describe("keepExtremes", () => {
  test("keeps both ends, the highest and the lowest value of every line, in order", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 4, max: 50 }), (line, most) => {
        const mirrored = line.map((value, i) => -value + i);
        const kept = keepExtremes([line, mirrored], most);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept[0]).toBe(0);
        expect(kept.at(-1)).toBe(line.length - 1);
        expect(kept.length).toBeLessThanOrEqual(Math.max(most + 2, 4));
        for (const values of [line, mirrored]) {
          const shown = kept.map((i) => values[i]);
          expect(Math.max(...shown)).toBe(Math.max(...values));
          expect(Math.min(...shown)).toBe(Math.min(...values));
        }
      }),
    );
  });

  test("keeps everything that is few enough, and nothing of nothing", () => {
    expect(keepExtremes([[3, 1, 2]], 10)).toEqual([0, 1, 2]);
    expect(keepExtremes([[]])).toEqual([]);
    expect(keepExtremes([])).toEqual([]);
  });

  test("never lets a value that is not finite stand for its neighbours", () => {
    const line = Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? Number.NaN : i));
    const inside = keepExtremes([line], 10).slice(1, -1);
    expect(inside.length).toBeGreaterThan(4);
    expect(inside.every((i) => Number.isFinite(line[i]))).toBe(true);
  });
});

describe("runs", () => {
  test("covers every item once, in at most `most` runs of nearly equal size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 300 }), (length, most) => {
        const parts = runs(length, most);
        expect(parts.length).toBe(Math.min(length, most));
        expect(parts.reduce((at, [start, end]) => (start === at && end > start ? end : Number.NaN), 0)).toBe(
          length,
        );
        const sizes = parts.map(([start, end]) => end - start);
        if (sizes.length > 0) expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("rounded, positive", () => {
  test("round to significant digits and give null for what has no place on the axis", () => {
    expect(rounded(1.23456)).toBe(1.235);
    expect(rounded(1.23456e-7, 2)).toBe(1.2e-7);
    expect(rounded(Number.NaN)).toBeNull();
    expect(positive(0)).toBeNull();
    expect(positive(-1)).toBeNull();
    expect(positive(Number.POSITIVE_INFINITY)).toBeNull();
    expect(positive(2)).toBe(2);
  });
});

describe("filterLine", () => {
  test("tells up to twelve filters and the second loop's apart, on paper without colour by their names", () => {
    const lines = Array.from({ length: 13 }, (_, row) => filterLine(row, 12));
    expect(new Set(lines.map(({ ink, style }) => `${ink} ${style}`)).size).toBe(13);
    expect(new Set(lines.map(({ label }) => label)).size).toBe(13);
  });

  test("gives a single filter no number", () => {
    expect(filterLine(1, 1).label).toBe("first loop");
    expect(filterLine(1, 2).label).toBe("filter 1");
  });
});
