// Searches name the same trials for the same results, each once, and find better places than chance does.
import { type Range, SearchSchema, type Space, SpaceSchema } from "@neural-string/shared";
import { parseOver } from "@neural-string/trainer/sweep/parse-over";
import { type Stages, stagesOf } from "@neural-string/trainer/sweep/search";
import {
  type Assignments,
  dimensionsOf,
  gridLength,
  gridPoint,
  rangeValue,
} from "@neural-string/trainer/sweep/space";
import { describe, expect, test } from "vitest";

interface Named {
  set: Assignments;
  share: number;
  result: number;
}

/** Let a search run to its end. @param measure what a trial comes to */
function searched(
  space: unknown,
  search: unknown,
  {
    measure = () => 0,
    seed = 1,
    runs = null as number | null,
  }: {
    measure?: (set: Assignments, share: number) => number;
    seed?: number;
    runs?: number | null;
  } = {},
): Named[][] {
  const dimensions = dimensionsOf(SpaceSchema.parse(space));
  const stages: Stages = stagesOf({ dimensions, search: SearchSchema.parse(search), seed, runs });
  const all: Named[][] = [];
  for (let next = stages.next(); !next.done; ) {
    const named = next.value.map(({ set, share }) => ({ set, share, result: measure(set, share) }));
    all.push(named);
    next = stages.next(named.map(({ result }) => result));
  }
  return all;
}

describe("--over", () => {
  test.each<[string, Space]>([
    ["training.batchSize=16,32,64", { "training.batchSize": [16, 32, 64] }],
    ["training.backend=wasm,cpu", { "training.backend": ["wasm", "cpu"] }],
    ['model.hidden=[{"units":8},{"units":4}],[]', { "model.hidden": [[{ units: 8 }, { units: 4 }], []] }],
    [
      "training.optimizer.learningRate=log(1e-4..1e-2)",
      { "training.optimizer.learningRate": { from: 1e-4, to: 1e-2, scale: "log", whole: false, points: 5 } },
    ],
    [
      "data.inputNoise=0..0.1x3",
      { "data.inputNoise": { from: 0, to: 0.1, scale: "linear", whole: false, points: 3 } },
    ],
    [
      "model.hidden.0.units=log-int(8 .. 256) x 6",
      { "model.hidden.0.units": { from: 8, to: 256, scale: "log", whole: true, points: 6 } },
    ],
  ])("%s", (text, space) => {
    expect(parseOver([text])).toEqual(space);
  });

  test.each([
    ["training.batchSize", "expected path=values"],
    ["training.batchSize=16,,32", "got an empty one"],
    ["training.batchSize=8, 16,8", "expected each value once, got 8 twice; leave one out"],
    ["training.batchSize=8,16,8.0", "expected each value once, got 8.0 twice"],
    ["a=lin(1..2)", "expected one of linear, log, int, log-int before the parenthesis, got lin"],
    ["a=log(0..1)", "expected a range above 0 for the scale log"],
    ["a=2..1", "expected from below to"],
  ])("%s is refused: %s", (text, sentence) => {
    expect(() => parseOver([text])).toThrow(sentence);
  });
});

describe("the space", () => {
  const range = (over: Partial<Range>): Range => ({
    from: 1,
    to: 100,
    scale: "linear",
    whole: false,
    points: 5,
    ...over,
  });

  test("a range's ends are its ends, and a logarithmic one is even over factors", () => {
    for (const scale of ["linear", "log"] as const) {
      expect([0, 1].map((u) => rangeValue(range({ scale }), u))).toEqual([1, 100]);
    }
    expect(rangeValue(range({ scale: "log" }), 0.5)).toBe(10);
    expect(rangeValue(range({ from: 1.5, to: 2.5, whole: true }), 0)).toBe(2);
  });

  test("a grid has every combination once, the last dimension changing fastest", () => {
    const dimensions = dimensionsOf(
      SpaceSchema.parse({
        a: [1, 2],
        "b, c": [
          [3, 4],
          [5, 6],
        ],
        d: range({ points: 2 }),
      }),
    );
    const all = Array.from({ length: gridLength(dimensions) }, (_, i) => gridPoint(dimensions, i));
    expect(all).toHaveLength(8);
    expect(new Set(all.map((set) => JSON.stringify(set))).size).toBe(8);
    expect(all.slice(0, 3)).toEqual([
      { a: 1, b: 3, c: 4, d: 1 },
      { a: 1, b: 3, c: 4, d: 100 },
      { a: 1, b: 5, c: 6, d: 1 },
    ]);
  });
});

describe("searches", () => {
  const space = { x: { from: 0.001, to: 1000, scale: "log" }, kind: ["a", "b", "c"], y: { from: -1, to: 1 } };
  const distance = ({ x, kind, y }: Assignments) =>
    Math.abs(Math.log10(Number(x)) - 1) + 2 * Math.abs(Number(y) - 0.3) + (kind === "b" ? 0 : 1);
  const bestOf = (stages: Named[][]) => Math.min(...stages.flat().map(({ result }) => result));

  test("random: as many as asked for, all different, the same for the same seed only", () => {
    const [drawn] = searched(space, { kind: "random" }, { runs: 30 });
    expect(new Set(drawn.map(({ set }) => JSON.stringify(set))).size).toBe(30);
    expect(searched(space, { kind: "random" }, { runs: 30 })).toEqual([drawn]);
    expect(searched(space, { kind: "random" }, { runs: 12 })[0]).toEqual(drawn.slice(0, 12));
    expect(searched(space, { kind: "random" }, { runs: 30, seed: 2 })).not.toEqual([drawn]);
    for (const { set } of drawn) {
      expect(Number(set.x) >= 0.001 && Number(set.x) <= 1000 && Math.abs(Number(set.y)) <= 1).toBe(true);
    }
  });

  test("random: a space of few combinations is drawn whole", () => {
    const [drawn] = searched({ a: [1, 2], b: [3, 4] }, { kind: "random" }, { runs: 30 });
    expect(drawn).toHaveLength(4);
  });

  test("halving: the better third goes on, to all steps in the end, and a failure never does", () => {
    const values = Array.from({ length: 9 }, (_, i) => i);
    const stages = searched(
      { a: values },
      { kind: "halving" },
      { measure: ({ a }) => (a === 4 ? Number.POSITIVE_INFINITY : Math.abs(Number(a) - 5)) },
    );
    expect(stages.map((stage) => stage.map(({ set }) => set.a))).toEqual([values, [3, 5, 6], [5]]);
    expect(stages.map(([{ share }]) => share)).toEqual([1 / 9, 1 / 3, 1]);
    const failed = searched({ a: values }, { kind: "halving" }, { measure: () => Number.POSITIVE_INFINITY });
    expect(failed).toHaveLength(1);
  });

  test("tpe: the same results lead to the same trials, all different", () => {
    const once = searched(space, { kind: "tpe" }, { measure: distance, runs: 30 });
    expect(searched(space, { kind: "tpe" }, { measure: distance, runs: 30 })).toEqual(once);
    const sets = once.flat().map(({ set }) => JSON.stringify(set));
    expect(new Set(sets).size).toBe(30);
    expect(once.map((stage) => stage.length)).toEqual([10, 4, 4, 4, 4, 4]);
  });

  test("tpe: of 20 seeds most come nearer than random draws do, and on average a third nearer or more", () => {
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
    const best = (kind: string) =>
      seeds.map((seed) => bestOf(searched(space, { kind }, { measure: distance, runs: 60, seed })));
    const [random, tpe] = [best("random"), best("tpe")];
    expect(seeds.filter((_, i) => tpe[i] < random[i]).length).toBeGreaterThan(12);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(tpe)).toBeLessThan(0.67 * mean(random));
  });

  test("tpe: trials that failed do not stop it, even if all did", () => {
    const failing = searched(space, { kind: "tpe" }, { measure: () => Number.POSITIVE_INFINITY, runs: 14 });
    expect(failing.flat()).toHaveLength(14);
  });
});
