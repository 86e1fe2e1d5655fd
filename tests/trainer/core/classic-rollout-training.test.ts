// Classic trainings that rollouts join on the way.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Tensor } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { playableLayers } from "@neural-string/trainer/core/playable-layers";
import { ClassicTraining, type TrainingOptions, type TrainingState } from "@neural-string/trainer/core/train";
import { beforeEach, describe, expect, test } from "vitest";
import { renderStringLoop } from "../../reference/string-loop.ts";
import { newCore } from "../../support/core-builds.ts";
import { recorder, type TinyChanges, tinyConfig, tinyHeader, tinyPluck } from "../../support/training.ts";
import { expectSameState } from "../../support/training-state.ts";

const module = new WebAssembly.Module(
  readFileSync(fileURLToPath(import.meta.resolve("@neural-string/core-wasm/train-simd.wasm"))),
);

beforeEach(async () => {
  await chooseBackend("cpu");
});

/** A tiny training with rollouts. */
function rolloutTraining(changes: TinyChanges, rollout: object, options: Partial<TrainingOptions> = {}) {
  const config = tinyConfig({ ...changes, training: { ...changes.training, rollout } });
  const training = new ClassicTraining({
    config,
    header: tinyHeader(config),
    core: newCore("simd"),
    recordings: [tinyPluck()],
    trainModule: module,
    ...options,
  });
  return { config, training };
}

async function train(
  changes: TinyChanges,
  rollout: object,
  { stopAfter = 1e9, ...options }: Partial<TrainingOptions> & { stopAfter?: number } = {},
) {
  const { config, training } = rolloutTraining(changes, rollout, options);
  let asked = 0;
  const heard = recorder({ shouldStop: () => ++asked > stopAfter });
  try {
    return { ...heard, end: await training.run(config.training.steps ?? 0, heard.callbacks) };
  } finally {
    training.dispose();
  }
}

describe("ClassicTraining with rollouts", () => {
  const rollout = { periods: 10, batchSize: 2, from: 0.3 };

  test("the steps before they join are those of a run without them, the ones after are not", async () => {
    const plain = await train({}, { ...rollout, from: 1 });
    const joined = await train({}, rollout);
    const losses = ({ lines }: typeof plain) =>
      lines.flatMap((line) => (line.type === "updates" ? [line.loss] : []));
    expect(losses(joined).slice(0, 12)).toEqual(losses(plain).slice(0, 12));
    expect(losses(joined)[12]).toBeGreaterThan(losses(plain)[12]);
    expect(joined.end.parameters).not.toEqual(plain.end.parameters);
  });

  test("stopped again and again and resumed, the run reaches the same bits", async () => {
    const whole = await train({}, rollout);
    let state: TrainingState | undefined;
    for (let i = 0; i < 100 && state?.step !== 40; i++) {
      state = (await train({}, rollout, { resume: state, stopAfter: 6 })).end;
    }
    expectSameState(state as TrainingState, whole.end);
  });

  test("measuring the speed leaves no trace", async () => {
    const { end } = await train({}, rollout);
    const { training } = rolloutTraining({}, rollout);
    const { stepMs } = training.measureSpeed(() => performance.now());
    expect(stepMs).toBeGreaterThan(0);
    expectSameState(await training.run(40, recorder().callbacks), end);
    training.dispose();
  });

  test("without a train build they are refused by name", () => {
    expect(() => rolloutTraining({}, rollout, { trainModule: undefined })).toThrow(
      new RangeError("trainModule: expected the core's train build, which training.rollout needs, got none"),
    );
  });

  test("a loop that blows up is brought back to its recording", async () => {
    // a loop whose gain per trip is 1.05: it doubles in fourteen periods
    const model = { hidden: [], tapPattern: [{ periodFraction: 1, before: 1, after: 1 }] };
    const header = tinyHeader(tinyConfig({ model }));
    const start = new Map<string, Tensor>([
      ["layers.0.weight", { shape: [1, 3], data: Float32Array.of(0.25, 0.55, 0.25) }],
    ]);
    const training = { steps: 150, longestT60: null, optimizer: { name: "adam", learningRate: 3e-3 } };
    const { end } = await train(
      { model, training },
      { periods: 24, batchSize: 2, from: 0 },
      { warmStart: start },
    );
    const recording = tinyPluck();
    const target = recording.subarray(80, 4080);
    const errorDb = (parameters: Map<string, Tensor>) => {
      const layers = playableLayers(header, parameters);
      const render = renderStringLoop({ delays: [39, 40, 41], layers }, recording.subarray(0, 80), 4000);
      const energy = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);
      return 10 * Math.log10(energy(render.map((y, n) => y - target[n])) / energy(target));
    };
    expect(errorDb(start)).toBeGreaterThan(30);
    expect(errorDb(end.parameters)).toBeLessThan(-10);
  });
});
