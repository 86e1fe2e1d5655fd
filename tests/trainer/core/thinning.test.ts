// Thinning by level: small signals stay, the fullest bands give, and the choice follows from the seed alone.
import { seededRandom } from "@neural-string/trainer/core/random";
import { BAND_DB, bandOf, thinByLevel } from "@neural-string/trainer/core/thinning";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const levelsOf = (counts: Record<number, number>) =>
  Object.entries(counts).flatMap(([db, count]) => new Array<number>(count).fill(Number(db)));
const countIn = (levels: number[], kept: Uint32Array, db: number) =>
  [...kept].filter((i) => bandOf(levels[i]) === bandOf(db)).length;

describe("thinByLevel", () => {
  test("nothing is thinned where there is no more than asked for", () => {
    expect([...thinByLevel([-3, -9, -60], 3, seededRandom(1))]).toEqual([0, 1, 2]);
  });

  test("a band that has little keeps all of it, the others share the rest equally", () => {
    const levels = levelsOf({ [-3]: 1000, [-15]: 500, [-33]: 20, [-63]: 4 });
    const kept = thinByLevel(levels, 224, seededRandom(1));
    expect(kept).toHaveLength(224);
    expect([-63, -33, -15, -3].map((db) => countIn(levels, kept, db))).toEqual([4, 20, 100, 100]);
  });

  test("within a band the choice is spread over all of it, and follows from the seed", () => {
    const levels = levelsOf({ [-3]: 10000 });
    const kept = [...thinByLevel(levels, 1000, seededRandom(1))];
    const early = kept.filter((i) => i < 5000).length;
    // binomial, standard deviation 16
    expect(Math.abs(early - 500)).toBeLessThan(80);
    expect([...thinByLevel(levels, 1000, seededRandom(1))]).toEqual(kept);
    expect([...thinByLevel(levels, 1000, seededRandom(2))]).not.toEqual(kept);
  });

  test("silence is a level like others", () => {
    expect(bandOf(Number.NEGATIVE_INFINITY)).toBe(-180 / BAND_DB);
  });

  test("whatever the levels: as many as asked for, ascending, each once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -200, max: 0, noNaN: true }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 200 }),
        (levels, most) => {
          const kept = [...thinByLevel(levels, most, seededRandom(3))];
          expect(kept.length).toBe(Math.min(most, levels.length));
          expect(kept).toEqual([...new Set(kept)].toSorted((a, b) => a - b));
        },
      ),
    );
  });
});
