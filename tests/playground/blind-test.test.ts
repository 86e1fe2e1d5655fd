// The blind test: what X is, what counts, and what a score says.
import { BlindTest, byGuessing, describeScore } from "@neural-string/playground/audition/blind-test";
import { describe, expect, test } from "vitest";

describe("BlindTest", () => {
  test("X is drawn anew each round, and an answer is held against what it was", () => {
    const draws = [0.2, 0.9, 0.9, 0.1];
    const blind = new BlindTest(() => draws.shift() ?? 0);
    expect(blind.x).toBe("a");
    expect(blind.answer("a")).toBe("a");
    expect(blind.x).toBe("b");
    expect(blind.answer("a")).toBe("b");
    expect(blind.answer("b")).toBe("b");
    expect(blind.score).toMatchObject({ rounds: 3, correct: 2 });
  });

  test("the score is a bet against guessing: as its integral says", () => {
    const blind = new BlindTest(() => 0);
    for (let i = 0; i < 9; i++) blind.answer("a");
    blind.answer("b");
    // by Simpson's rule
    const steps = 2000;
    let sum = 0;
    for (let i = 0; i <= steps; i++) {
      const q = 0.5 + (0.5 * i) / steps;
      const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
      sum += weight * (2 * q) ** 9 * (2 * (1 - q));
    }
    const bet = (2 * sum * 0.5) / steps / 3;
    expect(blind.score.byGuessing).toBeCloseTo(1 / bet, 9);
  });

  test("whoever guesses, and stops when it looks good, is told of a difference in 5 % of tests at most", () => {
    // chance of each score by guessing, of those who have not stopped yet
    const everBelow = (limit: number, measure: (k: number, n: number) => number) => {
      let going = [1];
      let stopped = 0;
      for (let n = 1; n <= 200; n++) {
        const next = new Array<number>(n + 1).fill(0);
        for (const [k, chance] of going.entries()) {
          next[k] += chance / 2;
          next[k + 1] += chance / 2;
        }
        for (let k = 0; k <= n; k++) {
          if (measure(k, n) >= limit) continue;
          stopped += next[k];
          next[k] = 0;
        }
        going = next;
      }
      return stopped;
    };
    const stopped = everBelow(0.05, byGuessing);
    expect(stopped).toBeLessThanOrEqual(0.05);
    // and it is not so careful that it says nothing
    expect(stopped).toBeGreaterThan(0.01);
    expect(byGuessing(7, 7)).toBeLessThan(0.05);
    // what a coin's table says, asked again after each round
    const inSoMany = (k: number, n: number) => {
      let [ways, sum] = [1, 0];
      for (let i = 0; i <= n - k; i++) {
        sum += ways;
        ways = (ways * (n - i)) / (i + 1);
      }
      return sum / 2 ** n;
    };
    expect(everBelow(0.05, inSoMany)).toBeGreaterThan(0.2);
  });

  test("a thousand rounds are no more than can be counted", () => {
    expect(byGuessing(500, 1000)).toBe(1);
    expect(byGuessing(600, 1000)).toBeLessThan(1e-6);
  });

  test("no round, no claim: everybody has 0 of 0", () => {
    expect(new BlindTest().score).toEqual({ rounds: 0, correct: 0, byGuessing: 1 });
  });
});

describe("describeScore", () => {
  test("a score says what it shows, and no more", () => {
    expect(describeScore({ rounds: 3, correct: 3, byGuessing: 0.3 })).toBe(
      "3 of 3 right. No difference is shown: guessing gets that far in up to 30 % of such tests.",
    );
    expect(describeScore({ rounds: 12, correct: 12, byGuessing: 0.002 })).toBe(
      "12 of 12 right. You hear the difference: somebody who only guesses ever gets that far in less than 1 % of such tests at most.",
    );
    expect(describeScore({ rounds: 10, correct: 5, byGuessing: 1 })).toContain("guessing does as well");
  });
});
