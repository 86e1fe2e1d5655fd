// Seeded randomness: what one seed means, what two have to do with each other, and that a shuffle loses nothing.
import { seededRandom, shuffle } from "@neural-string/trainer/core/random";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const draw = (count: number, ...seeds: number[]) => {
  const random = seededRandom(...seeds);
  return Array.from({ length: count }, () => random());
};

/** Correlation of two lists. */
function correlation(a: number[], b: number[]): number {
  const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (x: number[], mx: number, y: number[], my: number) =>
    x.reduce((sum, v, i) => sum + (v - mx) * (y[i] - my), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
}

describe("seededRandom", () => {
  test("the same seeds give the same stream", () => {
    expect(draw(100, 7, 2, 0)).toEqual(draw(100, 7, 2, 0));
  });

  // of 4000 independent pairs the correlation has a standard deviation of 0.016
  test.each([
    [[1], [2]],
    [[0], [1]],
    [
      [5, 1],
      [5, 2],
    ],
    [
      [5, 2, 0],
      [5, 2, 1],
    ],
    [
      [1, 2],
      [2, 1],
    ],
    [[4294967295], [0]],
  ])("seeds %j and %j give unrelated streams", (a, b) => {
    const [first, second] = [draw(4000, ...a), draw(4000, ...b)];
    expect(new Set([...first, ...second]).size).toBeGreaterThan(7990);
    for (const lag of [0, 1, 2]) {
      expect(Math.abs(correlation(first.slice(lag), second.slice(0, 4000 - lag)))).toBeLessThan(0.08);
    }
  });

  test("numbers lie in [0, 1), spread evenly", () => {
    const numbers = draw(20000, 3);
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    const tenths = Array.from(
      { length: 10 },
      (_, k) => numbers.filter((x) => Math.floor(10 * x) === k).length,
    );
    // 2000 each, standard deviation 42
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(250);
  });
});

describe("shuffle", () => {
  test("a shuffle is a permutation", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(), (length, seed) => {
        const items = Uint32Array.from({ length }, (_, i) => i);
        shuffle(items, seededRandom(seed));
        expect(items.toSorted()).toEqual(Uint32Array.from({ length }, (_, i) => i));
      }),
    );
  });

  test("every place is reached from every place about as often", () => {
    const counts = Array.from({ length: 5 }, () => new Array(5).fill(0));
    for (let seed = 0; seed < 5000; seed++) {
      const items = Uint32Array.of(0, 1, 2, 3, 4);
      shuffle(items, seededRandom(seed, 2, 0));
      items.forEach((item, place) => {
        counts[item][place]++;
      });
    }
    // 1000 each, standard deviation 28
    for (const count of counts.flat()) expect(Math.abs(count - 1000)).toBeLessThan(170);
  });
});
