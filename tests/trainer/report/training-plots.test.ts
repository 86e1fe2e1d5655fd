import type { LogLine } from "@neural-string/shared";
import { MOST_POINTS } from "@neural-string/trainer/report/plots";
import { trainingPlots } from "@neural-string/trainer/report/training-plots";
import { describe, expect, test } from "vitest";
import { runRecord, stagedLog, trainingLog } from "../../support/report-fixture.ts";

const record = runRecord("good");

function update(step: number, loss: number): LogLine {
  return {
    type: "updates",
    step,
    epoch: step / 10,
    loss,
    lossMin: loss / 2,
    lossMax: loss * 2,
    learningRate: 1e-3,
  };
}

function evaluation(step: number, heldOutLoss: number | null, best = false): LogLine {
  const heard = { scoreDb: 3, edrDb: 2.5, edcDb: 2, endLevelDb: 0, dcEnd: 0 };
  return { type: "evaluation", step, epoch: step / 10, heldOutLoss, ...heard, best };
}

describe("trainingPlots", () => {
  test("draws nothing of an empty log", () => {
    expect(trainingPlots([], record)).toEqual({
      updates: null,
      parts: null,
      epochs: null,
      closedLoop: null,
      heldOut: null,
      best: null,
      gap: null,
      stages: [],
    });
  });

  test("draws a single line as a single point", () => {
    const { updates, epochs } = trainingPlots([update(5, 0.1)], record);
    expect(updates?.xs).toEqual([5]);
    expect(updates?.series.map(({ values }) => values)).toEqual([[0.2], [0.05], [0.1]]);
    expect(epochs).toBeNull();
  });

  test("thins 50,000 lines and loses neither the highest spike nor the deepest dip", () => {
    const log = trainingLog("good", 50_000, 5000);
    const spiky = log.findIndex((line) => line.type === "updates" && line.step > 155_000);
    log[spiky] = { ...log[spiky], lossMin: 1e-6, lossMax: 777 } as LogLine;
    const { updates, closedLoop, heldOut } = trainingPlots(log, record);
    const [highest, lowest] = updates?.series ?? [];
    expect(updates?.xs.length).toBeLessThanOrEqual(MOST_POINTS);
    expect(highest.values).toContain(777);
    expect(lowest.values).toContain(1e-6);
    for (const plot of [updates, closedLoop, heldOut]) {
      expect(plot?.xs.length).toBeLessThanOrEqual(MOST_POINTS + 2);
      expect(plot?.xs.every((x, i, xs) => i === 0 || x > xs[i - 1])).toBe(true);
      expect(plot?.series.every(({ values }) => values.length === plot.xs.length)).toBe(true);
    }
  });

  test("marks the evaluation the record calls the best, however many there are", () => {
    const log = trainingLog("good", 50_000, 5000);
    const { closedLoop, best } = trainingPlots(log, { ...record, bestStep: 123_450 });
    const marks = closedLoop?.series.find(({ label }) => label === "best")?.values ?? [];
    expect(best?.step).toBe(123_450);
    expect(marks.filter((value) => value !== null)).toHaveLength(1);
    expect(closedLoop?.xs[marks.findIndex((value) => value !== null)]).toBe(123_450);
  });

  test("falls back to the last evaluation that was best when it was made", () => {
    const log = [evaluation(10, 1, true), evaluation(20, 1, true), evaluation(30, 1)];
    expect(trainingPlots(log, { ...record, bestStep: null }).best?.step).toBe(20);
  });

  test("sets held-out loss against the mean training loss since the evaluation before", () => {
    const log = [update(5, 2), update(10, 4), evaluation(10, 6), update(15, 1), evaluation(20, 3, true)];
    const { heldOut, gap } = trainingPlots(log, { ...record, bestStep: 20 });
    expect(heldOut?.series.map(({ values }) => values)).toEqual([
      [6, 3],
      [3, 1],
    ]);
    expect(gap).toBe(3);
  });

  test("lets a resumed run overrule what it had logged beyond its checkpoint", () => {
    const log = [update(5, 1), update(10, 2), update(15, 3), update(10, 7), update(15, 8)];
    const { updates } = trainingPlots(log, record);
    expect(updates?.xs).toEqual([5, 10, 15]);
    expect(updates?.series[2].values).toEqual([1, 7, 8]);
  });

  test("marks every stage where it begins, in each plot over updates", () => {
    const { updates, parts, closedLoop } = trainingPlots(stagedLog(3), record);
    for (const plot of [updates, parts, closedLoop]) {
      expect(plot?.marks?.map(({ x, short }) => [x, short])).toEqual([
        [0, "1"],
        [300, "2"],
        [650, "3"],
      ]);
      expect(plot?.marks?.[2].label).toBe("3 mixture");
    }
    expect(trainingPlots(trainingLog("good", 10, 1), record).updates?.marks).toBeUndefined();
  });

  test("draws the parts of the loss, with a gap where a stage has none of one", () => {
    const { parts } = trainingPlots(stagedLog(3), record);
    expect(parts?.series.map(({ label, gaps }) => [label, gaps])).toEqual([
      ["waveform", true],
      ["spectral", true],
      ["decay", true],
    ]);
    const decay = parts?.series[2].values ?? [];
    parts?.xs.forEach((step, i) => {
      expect(decay[i] === null, `${step}`).toBe(step <= 300);
    });
  });

  test("draws no held-out loss where training predicts no single steps, and gaps where some lines have none", () => {
    expect(trainingPlots([update(5, 2), evaluation(5, null, true)], record)).toMatchObject({
      heldOut: null,
      gap: null,
    });
    const { heldOut } = trainingPlots([update(5, 2), evaluation(5, null), evaluation(6, 3)], record);
    expect(heldOut?.series[0].values).toEqual([null, 3]);
  });

  test("leaves gaps where a loss has no logarithm", () => {
    const { updates } = trainingPlots([update(5, 0), update(10, -1), update(15, Number.NaN)], record);
    expect(updates?.series[2].values).toEqual([null, null, null]);
  });
});
