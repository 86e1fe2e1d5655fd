// The price of loop gain: its value by a plain sum over the grid, its slope by central differences.
import { GainPrice } from "@neural-string/trainer/core/passive/gain-price";
import { describe, expect, test } from "vitest";
import { excess } from "../../../reference/passive-objective.ts";
import { mulberry32 } from "../../../reference/random.ts";

const CAP = 0.9;
const WEIGHT = 3;

const priceByDefinition = (h: ArrayLike<number>) => WEIGHT * excess(h, CAP);

function someTaps(count: number, seed: number, scale = 1): Float64Array {
  const random = mulberry32(seed);
  return Float64Array.from({ length: count }, () => (scale * (2 * random() - 1)) / Math.sqrt(count));
}

describe("GainPrice", () => {
  test.each([32, 50, 64])("value and slope are the definition's: %i taps", (count) => {
    const price = new GainPrice(count, CAP, WEIGHT);
    const h = someTaps(count, count);
    const gradient = new Float64Array(count);
    const value = price.add(h, gradient);
    const expected = priceByDefinition(h);
    expect(expected).toBeGreaterThan(1);
    expect(value / expected).toBeCloseTo(1, 12);
    const step = 1e-6;
    for (const j of [0, 1, 7, count - 1]) {
      const at = (by: number) => priceByDefinition(h.map((x, i) => (i === j ? x + by : x)));
      const slope = (at(step) - at(-step)) / (2 * step);
      // a price of some hundred, rounded to 1e-13 and divided by 1e-6
      expect(Math.abs(gradient[j] - slope), `tap ${j}`).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
    }
  });

  test("the slopes at 0 Hz and at half the sample rate count once", () => {
    // constant and alternating taps: the gain exceeds the cap around one end of the grid only
    for (const sign of [1, -1]) {
      const h = Float64Array.from({ length: 32 }, (_, j) => (sign ** j * 0.93) / 32);
      const gradient = new Float64Array(32);
      new GainPrice(32, CAP, WEIGHT).add(h, gradient);
      const step = 1e-6;
      const at = (by: number) => priceByDefinition(h.map((x, i) => (i === 3 ? x + by : x)));
      expect(gradient[3]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 6);
    }
  });

  test("is free below the cap, and adds to the gradient it is given", () => {
    const price = new GainPrice(32, CAP, WEIGHT);
    const gradient = new Float64Array(32).fill(7);
    expect(price.add(someTaps(32, 1, 0.1), gradient)).toBe(0);
    expect([...gradient]).toEqual(new Array(32).fill(7));
    const h = someTaps(32, 2, 2);
    const [fresh, added] = [new Float64Array(32), gradient.slice()];
    expect(price.add(h, fresh)).toBe(price.add(h, added));
    added.forEach((g, j) => {
      expect(g).toBe(7 + fresh[j]);
    });
  });
});
