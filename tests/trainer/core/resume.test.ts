// A run that was stopped or killed and goes on must reach the bits of one that was left alone: parameters, optimiser,
// best step, and everything its log says of evaluations and epochs.
import type { LogLine } from "@neural-string/shared";
import { UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import type { TrainingState } from "@neural-string/trainer/core/train";
import { beforeAll, describe, expect, test } from "vitest";
import { type Heard, tinyConfig, trainTiny } from "../../support/training.ts";
import { expectSameState } from "../../support/training-state.ts";

beforeAll(async () => {
  await chooseBackend("wasm");
});

// nine steps an epoch, so that runs are cut within epochs, at their ends and across them
const config = tinyConfig({
  training: { batchSize: 1024 },
  selection: { evaluations: 4, patience: 4 },
});

/** What a log says of evaluations and epochs, after a step. */
const milestones = (lines: LogLine[], after = -1) =>
  lines.filter((line) => line.type !== "updates" && line.step > after);

/** The parameters that would be exported. */
const best = ({ states }: Heard) => states.findLast(({ isBest }) => isBest)?.state;

function stopAfter(steps: number): { shouldStop: () => boolean } {
  let asked = 0;
  return { shouldStop: () => ++asked > steps };
}

describe("a training state", () => {
  test.each([1, 5, 9, 13, 29])(
    "stopped on the way (%i) and resumed, the run reaches the same bits",
    async (n) => {
      const whole = await trainTiny(config);
      const first = await trainTiny(config, { callbacks: stopAfter(n) });
      expect(first.end.step).toBeLessThan(40);
      expect(first.states.at(-1)?.state).toEqual(first.end);
      const second = await trainTiny(config, { resume: first.end });
      expectSameState(second.end, whole.end);
      expect([...milestones(first.lines), ...milestones(second.lines)]).toEqual(milestones(whole.lines));
      expect(best({ lines: [], states: [...first.states, ...second.states] })).toEqual(best(whole));
      expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    },
  );

  test("killed after any evaluation, the first included, and resumed, the run reaches the same bits", async () => {
    const whole = await trainTiny(config);
    for (const [i, { state }] of whole.states.entries()) {
      const rest = await trainTiny(config, { resume: state });
      expectSameState(rest.end, whole.end);
      expect(milestones(rest.lines, state.step)).toEqual(milestones(whole.lines, state.step));
      const states = [...whole.states.slice(0, i + 1), ...rest.states];
      expect(best({ lines: [], states })).toEqual(best(whole));
    }
  });

  test("a wish to stop is heard at an evaluation too", async () => {
    const whole = await trainTiny(config);
    const first = await trainTiny(config, { callbacks: stopAfter(9) });
    expect(first.end.step).toBe(10);
    expect(first.states.at(-1)?.state).toEqual(first.end);
    expectSameState((await trainTiny(config, { resume: first.end })).end, whole.end);
  });

  test("stopped again and again, the run still reaches the same bits", async () => {
    const whole = await trainTiny(config);
    let state: TrainingState | undefined;
    for (let i = 0; i < 100 && state?.step !== 40; i++) {
      state = (await trainTiny(config, { resume: state, callbacks: stopAfter(2) })).end;
    }
    if (state) expectSameState(state, whole.end);
    expect(state?.step).toBe(40);
  });

  test("of another config is refused in one sentence", async () => {
    const { end } = await trainTiny(config);
    const other = tinyConfig({ model: { hidden: [{ units: 9, activation: "tanh" }] } });
    await expect(trainTiny(other, { resume: end })).rejects.toThrow(
      new UserError(
        "layers.0.weight: expected shape [9, 21], got [8, 21]; the stored state belongs to another config, or is damaged",
      ),
    );
  });
});
