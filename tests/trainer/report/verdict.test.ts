import type { Judgement, Verdict } from "@neural-string/shared";
import { runVerdict, statusTone } from "@neural-string/trainer/report/verdict";
import { beforeAll, describe, expect, test } from "vitest";
import { reportInput, runRecord } from "../../support/report-fixture.ts";

const record = runRecord("good");
let template: Judgement;
beforeAll(() => {
  template = reportInput("good").judgements[0];
});

function judgement(
  recording: string,
  grades: Verdict["verdict"][],
  more: Partial<Judgement> = {},
): Judgement {
  const verdicts = grades.map((verdict, i) => ({
    name: `m${i}`,
    value: 1,
    unit: "dB",
    verdict,
    sentence: "",
  }));
  return { ...template, recording, seenInTraining: false, verdicts, failures: [], ...more };
}

test("a run that ended as planned is neither good nor bad by that", () => {
  expect(statusTone("finished")).toBe("none");
  expect(statusTone("failed")).toBe("poor");
});

describe("runVerdict", () => {
  test("says why a run failed", () => {
    const failed = { ...record, status: "failed" as const, error: "f0: expected 10 Hz or more, got 3" };
    expect(runVerdict(failed, [])).toEqual({
      tone: "poor",
      sentence: "The run failed: f0: expected 10 Hz or more, got 3.",
    });
    expect(runVerdict({ ...failed, error: undefined }, []).sentence).toBe(
      "The run failed: it left no reason.",
    );
  });

  test("says that nothing was judged, and how far it came", () => {
    const stopped = {
      ...record,
      status: "stopped" as const,
      stepsDone: 40,
      steps: 100,
      bestStep: 30,
      bestScoreDb: 4,
    };
    expect(runVerdict(stopped, []).sentence).toBe(
      "The run was stopped after 40 of 100 updates, before anything was judged. " +
        "Its best closed loop scored 4.0 dB at update 30.",
    );
    expect(runVerdict({ ...record, status: "running" }, []).tone).toBe("none");
  });

  test("lets the worst unseen recording decide, whatever was heard on those it was trained on", () => {
    const seen = judgement("seen.wav", ["poor"], { seenInTraining: true });
    const judged = [judgement("a.wav", ["good", "good"]), judgement("b.wav", ["good", "fair"]), seen];
    expect(runVerdict(record, judged)).toEqual({
      tone: "fair",
      sentence:
        "It works, with differences one can hear. On the worst of 2 unseen recordings, b.wav, " +
        "no measure is poor, 1 of 2 only fair: m1.",
    });
  });

  test("puts a named failure above any measure", () => {
    const failure = { id: "rings-forever", name: "rings forever", sentence: "", causes: [] };
    const judged = [
      judgement("a.wav", ["poor", "poor"]),
      judgement("b.wav", ["good"], { failures: [failure] }),
    ];
    expect(runVerdict(record, judged).sentence).toContain("b.wav, the loop fails: rings forever.");
  });

  test("warns where nothing unseen was judged", () => {
    const { tone, sentence } = runVerdict(record, [judgement("a.wav", ["good"], { seenInTraining: true })]);
    expect(tone).toBe("good");
    expect(sentence).toContain("a recording it was trained on");
    expect(sentence).toContain("Nothing unseen was judged");
  });
});
