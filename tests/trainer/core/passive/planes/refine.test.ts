// The last touch on a tiny string: it hears less error after every round, on any number of threads the same bits, and
// it can be stopped, killed and resumed.
import { chooseBackend } from "@neural-string/trainer/backend";
import { LocalPlaneWork } from "@neural-string/trainer/core/passive/planes/local-work";
import { hasPlanes, withPlanes } from "@neural-string/trainer/core/passive/planes/parameters";
import { FRESH, refineRound, roundsFor } from "@neural-string/trainer/core/passive/planes/refine";
import type { PlaneSetup } from "@neural-string/trainer/core/passive/planes/setup";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import { createPlanePool } from "@neural-string/trainer/plane-pool";
import { beforeAll, describe, expect, test } from "vitest";
import { newCore } from "../../../../support/core-builds.ts";
import { SMALL_TUNING, smallFacts, smallParameters, smallString } from "../../../../support/passive-facts.ts";
import { tinyPassiveConfig, trainTinyPassive } from "../../../../support/passive-training.ts";
import { expectSameState } from "../../../../support/training-state.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const sound = smallString();
const setup: PlaneSetup = {
  facts: smallFacts(),
  recordings: [{ samples: sound, noisePart: sound }],
  starts: 2,
  seconds: 1.7,
  levelDb: 3,
  seed: 1,
};
const goOn = async () => false;
const first = withPlanes(smallParameters(2), SMALL_TUNING, 1);

describe("a round of the last touch", () => {
  test("leaves less error, and couples the planes", async () => {
    const work = new LocalPlaneWork(newCore("simd"), setup, first);
    const round = await refineRound(work, first, FRESH, goOn);
    expect(round.after).toBeLessThan(0.8 * round.before);
    expect(round.refinement.rounds).toBe(1);
    expect(round.parameters.get("filters.coupling")?.data.some((x) => x !== 0)).toBe(true);
  });

  test("gives the same bits on two threads", async () => {
    const alone = await refineRound(new LocalPlaneWork(newCore("relaxed"), setup, first), first, FRESH, goOn);
    const pool = await createPlanePool(setup, first, 2);
    try {
      const together = await refineRound(pool, first, FRESH, goOn);
      expect(together).toEqual(alone);
    } finally {
      pool.dispose();
    }
  });

  test("hears the recordings at other levels, within so many dB of their own", () => {
    // the first numbers are the relief of the first start; pitches, further on, may flip where a partial hardly stands out
    const relief = (levelDb: number, louder = 1) => {
      const recordings = [{ samples: sound.map((x) => louder * x), noisePart: sound.map((x) => louder * x) }];
      const work = new LocalPlaneWork(newCore("simd"), { ...setup, recordings, levelDb }, first);
      work.begin(first, 0);
      return work.errors([new Float64Array(work.unknowns)])[0].slice(0, 100);
    };
    const far = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, i) => x - b[i]));
    // a mixture of two filters decays otherwise at another level
    const atOwn = relief(0);
    const [softer, louder] = [0.5, 2].map((factor) => far(relief(0, factor), atOwn));
    const drawn = [1.5, 3, 6].map((levelDb) => far(relief(levelDb), atOwn));
    expect(drawn[0]).toBeGreaterThan(0);
    expect(drawn[1]).toBeGreaterThan(drawn[0]);
    expect(drawn[2]).toBeGreaterThan(drawn[1]);
    expect(drawn[2]).toBeLessThan(Math.max(softer, louder));
  });

  test("ends where it is asked to", async () => {
    const work = new LocalPlaneWork(newCore("simd"), setup, first);
    await expect(refineRound(work, first, FRESH, async () => true)).rejects.toThrow();
  });
});

test("a quick try has no rounds, a long one four", () => {
  expect([100, 299, 300, 1199, 1500, 9000].map(roundsFor)).toEqual([0, 0, 1, 3, 4, 4]);
});

describe("a training with rounds", () => {
  const config = tinyPassiveConfig({ sequence: { planes: { rounds: 2, starts: 2 } } });
  const createPlaneWork = async (of: PlaneSetup, like: Parameters) =>
    new LocalPlaneWork(newCore("simd"), of, like);

  test("ends with planes, heard after each", async () => {
    const { lines, end } = await trainTinyPassive(config, { createPlaneWork });
    expect(hasPlanes(end.parameters)).toBe(true);
    const after = lines.findIndex((line) => line.type === "stage" && line.name === "two planes");
    expect(lines.slice(after + 1).filter((line) => line.type === "evaluation")).toHaveLength(2);
    expect(end.roundsLeft).toBeUndefined();
  });

  test("without a way to compute them it stays a cascade", async () => {
    const { end } = await trainTinyPassive(config);
    expect(hasPlanes(end.parameters)).toBe(false);
  });

  test("killed after any round and resumed, it reaches the same bits", async () => {
    const whole = await trainTinyPassive(config, { createPlaneWork });
    const states = whole.states.filter(({ state }) => state.step === 24);
    expect(states.length).toBeGreaterThanOrEqual(3);
    for (const { state } of states) {
      const rest = await trainTinyPassive(config, { createPlaneWork, resume: state });
      expectSameState(rest.end, whole.end);
    }
  });

  test("stopped within a round it says what is left, and goes on to the same bits", async () => {
    const whole = await trainTinyPassive(config, { createPlaneWork });
    let asked = 0;
    const stopped = await trainTinyPassive(config, {
      createPlaneWork,
      callbacks: { shouldStop: () => ++asked > 26 },
    });
    expect(stopped.end.step).toBe(24);
    expect(stopped.end.roundsLeft).toBe(2);
    const { roundsLeft: _, ...state } = stopped.end;
    const rest = await trainTinyPassive(config, { createPlaneWork, resume: state });
    expectSameState(rest.end, whole.end);
  });

  test("more steps than were planned learn on as a cascade, and end as planes again", async () => {
    const { end } = await trainTinyPassive(config, { createPlaneWork });
    const more = tinyPassiveConfig({ steps: 36, sequence: { planes: { rounds: 1, starts: 2 } } });
    const longer = await trainTinyPassive(more, { createPlaneWork, resume: end });
    expect(longer.end.step).toBe(36);
    expect(hasPlanes(longer.end.parameters)).toBe(true);
  });
});
