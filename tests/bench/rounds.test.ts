// The clock and the turns: what runs when, and what follows from it.
import { describe, expect, test } from "vitest";
import type { Contestant } from "./contestant.ts";
import { takeTurns } from "./rounds.ts";
import { Stopwatch } from "./stopwatch.ts";

const PACE = { total: 0, slice: 0.001, warmUp: 0.01, leastRounds: 4, mostRounds: 9 };

/** Keep the processor busy. */
function busy(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

/** A contestant that says when it is rewound and run. */
function talker(name: string, says: string[], milliseconds: number, isAsync = false): Contestant {
  const work = () => {
    if (says.at(-1) !== name) says.push(name);
    busy(milliseconds);
  };
  return {
    samples: 100,
    rewind: () => says.push(`rewind ${name}`),
    run: isAsync ? async () => work() : work,
    prove: () => [],
  };
}

describe("Stopwatch", () => {
  test("takes one sample a call, of as many runs as fill its slice", async () => {
    let [began, ended] = [0, 0];
    const run = () => {
      if (began === 0) began = performance.now();
      busy(0.1);
      ended = performance.now();
    };
    const watch = new Stopwatch(run, 0.004, false);
    for (let sample = 0; sample < 3; sample++) {
      began = 0;
      expect(await watch.sample()).toBeGreaterThanOrEqual(0.0001);
      expect(ended - began).toBeGreaterThanOrEqual(4);
    }
  });

  test("waits for what returns a promise", async () => {
    const watch = new Stopwatch(() => new Promise((resolve) => setTimeout(resolve, 20)), 0.001, true);
    // a timer counts from when Node last looked at its clock, so it may be early by some milliseconds
    expect(await watch.sample()).toBeGreaterThan(0.01);
  });

  test.each([false, true])("passes on what a run throws (promise: %s)", async (isAsync) => {
    const fail = () => {
      throw new Error("broken kernel");
    };
    const watch = new Stopwatch(isAsync ? async () => fail() : fail, 0.001, isAsync);
    await expect(watch.sample()).rejects.toThrow("broken kernel");
  });
});

describe("takeTurns", () => {
  test("every round has each once, rewound before it, and every other round goes backwards", async () => {
    const says: string[] = [];
    const contestants = new Map([
      ["a", talker("a", says, 0.2)],
      ["b", talker("b", says, 0.2, true)],
      ["c", talker("c", says, 0.2)],
    ]);
    const rounds = await takeTurns(contestants, PACE);
    expect([...rounds.keys()]).toEqual(["a", "b", "c"]);
    const turns = says.filter((word, i) => says[i - 1] === `rewind ${word}`);
    // warmed up and sized one by one, then four rounds
    expect(turns).toEqual([..."aabbcc", ..."abc", ..."cba", ..."abc", ..."cba"]);
  });

  test("gives one time and one peak a round, in nanoseconds per sample and GMAC/s", async () => {
    const contestants = new Map([
      ["slow", talker("slow", [], 0.8)],
      ["quick", talker("quick", [], 0.2)],
    ]);
    const rounds = await takeTurns(contestants, PACE);
    for (const { nsPerSample, peakGmac } of rounds.values()) {
      expect([nsPerSample.length, peakGmac.length]).toEqual([4, 4]);
      // any processor that runs these tests multiplies faster than this, and slower than that
      for (const peak of peakGmac) expect(peak > 0.01 && peak < 1000, `${peak}`).toBe(true);
    }
    // 0.8 ms for 100 samples; never less, however busy the machine
    expect(Math.min(...(rounds.get("slow")?.nsPerSample ?? []))).toBeGreaterThanOrEqual(8000);
    expect(Math.min(...(rounds.get("quick")?.nsPerSample ?? []))).toBeGreaterThanOrEqual(2000);
  });

  test("refuses to time a string that has fallen silent", async () => {
    const asleep = { ...talker("a", [], 0.1), isSilent: () => true };
    await expect(takeTurns(new Map([["a", asleep]]), PACE)).rejects.toThrow("a: fell silent within a turn");
  });

  test("fills a slice with runs of a string that sounds, though it fell silent while it warmed up", async () => {
    let runs = 0;
    const dying: Contestant = {
      samples: 100,
      rewind: () => {
        runs = 0;
      },
      run: () => {
        if (++runs < 500) busy(0.02);
      },
      isSilent: () => runs >= 500,
      prove: () => [],
    };
    const pace = { ...PACE, warmUp: 0.03 };
    expect((await takeTurns(new Map([["a", dying]]), pace)).get("a")?.nsPerSample).toHaveLength(4);
  });

  test("has as many rounds as the budget allows, and not more than the most", async () => {
    const rounds = await takeTurns(new Map([["a", talker("a", [], 0.1)]]), { ...PACE, total: 60 });
    expect(rounds.get("a")?.nsPerSample).toHaveLength(PACE.mostRounds);
  });
});
