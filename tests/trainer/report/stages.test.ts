import type { EvaluationLine, StageLine, UpdateLine } from "@neural-string/shared";
import { meanParts, partNames, stagesOf } from "@neural-string/trainer/report/stages";
import { describe, expect, test } from "vitest";

function stage(index: number, step: number, steps: number): StageLine {
  return {
    type: "stage",
    step,
    stage: index,
    name: `s${index}`,
    filters: 1,
    seconds: 0.5,
    batchSize: 4,
    steps,
  };
}

function updates(from: number, to: number, lossAt: (step: number) => number): UpdateLine[] {
  return Array.from({ length: to - from }, (_, i) => {
    const step = from + i + 1;
    const loss = lossAt(step);
    const rest = { epoch: 0, lossMin: loss, lossMax: loss, learningRate: 1e-3 };
    return { type: "updates", step, loss, parts: { waveform: loss / 4 }, ...rest };
  });
}

function evaluation(step: number, scoreDb: number): EvaluationLine {
  const heard = { edrDb: 1, edcDb: 1, endLevelDb: 0, dcEnd: 0 };
  return { type: "evaluation", step, epoch: 0, heldOutLoss: null, scoreDb, ...heard, best: false };
}

describe("stagesOf", () => {
  test("ends a stage where the next begins: the update and the evaluation at that step are still its own", () => {
    const lines = updates(0, 20, (step) => (step <= 10 ? 1 : 3));
    const stages = stagesOf([stage(0, 0, 10), stage(1, 10, 10)], lines, [
      evaluation(0, 99),
      evaluation(5, 9),
      evaluation(10, 5),
      evaluation(20, 4),
    ]);
    expect(stages.map(({ loss, scoreDb, stepsDone }) => [loss, scoreDb, stepsDone])).toEqual([
      [1, 5, 10],
      [3, 4, 10],
    ]);
  });

  test("takes the mean loss over the last tenth, and the same of the parts", () => {
    const [only] = stagesOf(
      [stage(0, 0, 100)],
      updates(0, 100, (step) => step),
      [],
    );
    expect(only.loss).toBeCloseTo(95.5, 9); // 91 to 100
    expect(only.parts.waveform).toBeCloseTo(95.5 / 4, 9);
    expect(only.scoreDb).toBeNull();
  });

  test("tells how far a stopped stage came, and that a stage without lines has no loss", () => {
    const stages = stagesOf(
      [stage(0, 0, 10), stage(1, 10, 90)],
      updates(0, 40, () => 1),
      [],
    );
    expect(stages.map(({ steps, stepsDone }) => [steps, stepsDone])).toEqual([
      [10, 10],
      [90, 30],
    ]);
    expect(stagesOf([stage(0, 0, 10)], [], [])).toMatchObject([{ loss: null, parts: {}, stepsDone: 0 }]);
  });

  test("counts the rounds of the last touch, which are heard at the step where training ended", () => {
    const stages = stagesOf(
      [stage(0, 0, 10), stage(1, 10, 4)],
      updates(0, 10, () => 1),
      [evaluation(0, 99), evaluation(10, 8), evaluation(10, 7), evaluation(10, 6)],
    );
    expect(stages.map(({ loss, scoreDb, stepsDone }) => [loss, scoreDb, stepsDone])).toEqual([
      [1, 8, 10],
      [null, 6, 2],
    ]);
  });

  test("counts a stage once that a resumed run named again, from where it first began", () => {
    const lines = [
      stage(0, 0, 10),
      stage(1, 10, 10),
      stage(1, 10, 10),
      { ...stage(1, 15, 10), name: "again" },
    ];
    const stages = stagesOf(
      lines,
      updates(0, 20, () => 1),
      [],
    );
    expect(stages.map(({ step, name }) => [step, name])).toEqual([
      [0, "s0"],
      [10, "again"],
    ]);
  });

  test("is empty without stages", () => {
    expect(
      stagesOf(
        [],
        updates(0, 5, () => 1),
        [],
      ),
    ).toEqual([]);
  });
});

describe("meanParts, partNames", () => {
  test("take each part's mean over the lines that have it, in the order of first appearance", () => {
    const [a, b] = updates(0, 2, () => 1);
    const lines: UpdateLine[] = [
      { ...a, parts: { waveform: 1, spectral: 4 } },
      { ...b, parts: { decay: 7, waveform: 3 } },
      { ...b, parts: undefined },
    ];
    expect(partNames(lines)).toEqual(["waveform", "spectral", "decay"]);
    expect(meanParts(lines)).toEqual({ waveform: 2, spectral: 4, decay: 7 });
  });
});
