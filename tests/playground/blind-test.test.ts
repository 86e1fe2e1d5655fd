// The blind test: what X is, what counts, and what a score says.
import { BlindTest, describeScore } from "@neural-string/playground/audition/blind-test";
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

  test("the chance of guessing is that of a coin: 9 of 10 heads or more, 11 of 1024", () => {
    const blind = new BlindTest(() => 0);
    for (let i = 0; i < 9; i++) blind.answer("a");
    blind.answer("b");
    expect(blind.score.byGuessing).toBeCloseTo(11 / 1024, 12);
  });

  test("no round, no claim: everybody has 0 of 0", () => {
    expect(new BlindTest().score).toEqual({ rounds: 0, correct: 0, byGuessing: 1 });
  });
});

describe("describeScore", () => {
  test("a few rounds say nothing, many say what they show", () => {
    expect(describeScore({ rounds: 3, correct: 3, byGuessing: 1 / 8 })).toContain("5 more rounds");
    expect(describeScore({ rounds: 10, correct: 9, byGuessing: 11 / 1024 })).toContain(
      "you hear the difference",
    );
    expect(describeScore({ rounds: 10, correct: 5, byGuessing: 0.62 })).toContain("no difference is shown");
  });
});
