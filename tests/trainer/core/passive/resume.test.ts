// A passive run that was stopped or killed and goes on reaches the bits of one that was left alone, across the step
// where linear loops become a mixture; and Adam begins anew there.
import type { LogLine, Tensor } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import type { TrainingState } from "@neural-string/trainer/core/train";
import { beforeAll, describe, expect, test } from "vitest";
import { tinyPassiveConfig, trainTinyPassive } from "../../../support/passive-training.ts";
import { expectSameState } from "../../../support/training-state.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

const config = tinyPassiveConfig();
const milestones = (lines: LogLine[], after = -1) =>
  lines.filter((line) => line.type === "evaluation" && line.step > after);

function stopAfter(steps: number): { shouldStop: () => boolean } {
  let asked = 0;
  return { shouldStop: () => ++asked >= steps };
}

describe("a passive run", () => {
  // within each stage, at an evaluation, and at each stage's end: 12 is where the mixture joins
  test.each([1, 4, 6, 9, 12, 13, 15, 18, 23])(
    "stopped after step %i and resumed, it reaches the same bits",
    async (n) => {
      const whole = await trainTinyPassive(config);
      const first = await trainTinyPassive(config, { callbacks: stopAfter(n) });
      expect(first.end.step).toBe(n);
      expect(first.states.at(-1)?.state).toEqual(first.end);
      const second = await trainTinyPassive(config, { resume: first.end });
      expectSameState(second.end, whole.end);
      expect([...milestones(first.lines), ...milestones(second.lines)]).toEqual(milestones(whole.lines));
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
      const stages = (lines: LogLine[]) => lines.filter((line) => line.type === "stage");
      expect([...stages(first.lines), ...stages(second.lines)]).toEqual(stages(whole.lines));
    },
  );

  test("killed after any evaluation and resumed, it reaches the same bits", async () => {
    const whole = await trainTinyPassive(config);
    for (const { state } of whole.states) {
      const rest = await trainTinyPassive(config, { resume: state });
      expectSameState(rest.end, whole.end);
      expect(milestones(rest.lines, state.step)).toEqual(milestones(whole.lines, state.step));
    }
  });

  test("Adam counts its steps from where its moments were 0: the start, and the mixture's first step", async () => {
    const { states } = await trainTinyPassive(config);
    const updates = states.map(({ state }) => [state.step, state.optimizer.get("updates")?.data[0]]);
    expect(updates).toEqual([
      [0, 0],
      [4, 4],
      [6, 6],
      [8, 8],
      [12, 12],
      [16, 4],
      [18, 6],
      [20, 8],
      [24, 12],
    ]);
  });

  test("the mixture's first step is as long as its rate says, not a tenth of it", async () => {
    const { end } = await trainTinyPassive(config, { callbacks: stopAfter(12) });
    const { end: next } = await trainTinyPassive(config, { resume: end, callbacks: stopAfter(1) });
    // Adam's first step moves every number that has a slope by the rate: output weights begin at 0
    const bias = next.parameters.get("mixture.output.bias") as Tensor;
    const { networkRate } = config.training.sequence;
    for (const x of bias.data) {
      expect(Math.abs(x)).toBeGreaterThan(0.9 * networkRate);
      expect(Math.abs(x)).toBeLessThan(1.1 * networkRate);
    }
  });

  test("more steps than were planned go on from the mixture, whatever stage they fall in", async () => {
    const { end } = await trainTinyPassive(config);
    const longer = await trainTinyPassive(tinyPassiveConfig({ steps: 60 }), { resume: end });
    expect(longer.end.step).toBe(60);
    expect(longer.end.parameters.get("filters.phase")?.shape).toEqual([3, 17]);
    expect(longer.end.optimizer.get("updates")?.data[0]).toBe(12 + 36);
  });

  test("a state from before updates were counted goes on", async () => {
    const { end } = await trainTinyPassive(config, { callbacks: stopAfter(6) });
    const optimizer = new Map(end.optimizer);
    optimizer.delete("updates");
    const older: TrainingState = { ...end, optimizer };
    const whole = await trainTinyPassive(config);
    expectSameState((await trainTinyPassive(config, { resume: older })).end, whole.end);
  });
});
