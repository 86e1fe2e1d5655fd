// Judging: what is judged is the render, from the sample it begins with; what cannot be judged is known beforehand.
import { type ClassicModel, Resonator } from "@neural-string/core-wasm";
import { type ModelFile, UserError } from "@neural-string/shared";
import {
  checkJudge,
  defaultSkip,
  judge,
  plainKarplusStrong,
  renderAfter,
} from "@neural-string/trainer/judge";
import { measureRender } from "@neural-string/trainer/measure/metrics";
import { namedFailures, verdicts } from "@neural-string/trainer/measure/verdicts";
import { describe, expect, test } from "vitest";
import { renderStringLoop } from "../reference/string-loop.ts";
import { expectSameBits, expectWithin } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { TINY_F0, TINY_RATE, tinyPluck } from "../support/training.ts";

const core = newCore("simd");
const samples = tinyPluck(1, 3);
const recording = { name: "tiny", samples, onset: 100, f0: TINY_F0 };
const model: ClassicModel = plainKarplusStrong(TINY_RATE, TINY_F0);
const LONGEST = 41;
const HISTORIES = { wantedHistory: LONGEST, leastHistory: LONGEST };

/** The same string as a file. */
function fileWith(weight: Float32Array): ModelFile {
  return {
    header: {
      schema: 1,
      kind: "classic",
      sampleRate: TINY_RATE,
      f0: TINY_F0,
      tapPattern: model.tapPattern,
      layers: [{ units: 1, activation: "linear" }],
      controls: 0,
      features: [],
    },
    tensors: new Map([["layers.0.weight", { shape: [1, 2], data: weight }]]),
  };
}
const file = fileWith(model.layers[0].weight);

const message = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return "no error";
};

describe("renderAfter", () => {
  test("goes on from the sample it is told, as the reference does", () => {
    const sound = renderAfter(new Resonator(core, model), samples, 300, 500);
    expectWithin(sound, renderStringLoop(model, samples.subarray(0, 300), 500), 1e-6);
  });

  test("too few initial samples, or more than there are, are refused", () => {
    const render = (skip: number) =>
      message(() => renderAfter(new Resonator(core, model), samples, skip, 10));
    expect([render(40), render(24001)]).toMatchInlineSnapshot(`
      [
        "initial samples: expected 41 (the longest delay) to 24000 (the recording), got 40",
        "initial samples: expected 41 (the longest delay) to 24000 (the recording), got 24001",
      ]
    `);
    expect(render(41)).toBe("no error");
  });
});

describe("judge", () => {
  test("a judgement is the measurement of the model's own render against the recording from there to its end", () => {
    const { judgement, render, target } = judge(core, file, recording, {
      tune: false,
      skip: 200,
      seconds: 1,
      seenInTraining: true,
    });
    expectSameBits(render, renderAfter(new Resonator(core, model), samples, 200, TINY_RATE));
    expectSameBits(target, samples.subarray(200));
    const rest = samples.subarray(200);
    const metrics = measureRender(render, rest, TINY_RATE, { f0: TINY_F0, seconds: 1 });
    expect(judgement).toEqual({
      recording: "tiny",
      seenInTraining: true,
      skip: 200,
      f0: TINY_F0,
      render: null,
      metrics,
      verdicts: verdicts(metrics),
      failures: namedFailures(metrics, render, rest, TINY_RATE),
      brokenSamples: 0,
    });
  });

  test("unless told otherwise it begins a longest delay after the onset, and ends with the recording", () => {
    const { judgement, render } = judge(core, file, recording, {
      tune: false,
      skip: null,
      seconds: 60,
      seenInTraining: false,
    });
    expect(judgement.skip).toBe(100 + LONGEST);
    expect(defaultSkip(new Resonator(core, model), 100)).toBe(100 + LONGEST);
    expect(render.length).toBe(samples.length - 100 - LONGEST);
  });

  test("a loop that blows up is judged, and its broken samples counted", () => {
    const { judgement } = judge(core, fileWith(Float32Array.of(2, 2)), recording, {
      tune: false,
      skip: null,
      seconds: 2,
      seenInTraining: false,
    });
    expect(judgement.brokenSamples).toBeGreaterThan(0);
    expect(judgement.failures.length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
  });
});

describe("checkJudge", () => {
  const check = (skip: number | null, seconds = 2, changes: object = {}) =>
    message(() => checkJudge({ ...recording, ...changes }, TINY_RATE, HISTORIES, { skip, seconds }));

  test("what can be judged passes, with and without a given start", () => {
    expect([check(null), check(41), check(samples.length - 2048)]).toEqual([
      "no error",
      "no error",
      "no error",
    ]);
  });

  test("what cannot is refused before training, with the recording's name", () => {
    expect([
      check(40),
      check(30000),
      check(samples.length - 2047),
      check(null, 0.1),
      check(null, 2, { samples: new Float32Array(20000) }),
      check(null, 2, { f0: 3999 }),
    ]).toMatchInlineSnapshot(`
      [
        "judge tiny: initial samples: expected 41 (the longest delay) to 24000 (the recording), got 40",
        "judge tiny: initial samples: expected 41 (the longest delay) to 24000 (the recording), got 30000",
        "judge tiny: stretch to compare: expected at least 2048 samples at 8000 Hz, got 2047; take a longer recording or more seconds",
        "judge tiny: stretch to compare: expected at least 2048 samples at 8000 Hz, got 800; take a longer recording or more seconds",
        "judge tiny: target: expected sound in its first 0.2 s, got silence; skip to where the note sounds",
        "judge tiny: f0: expected 10 Hz to just below 4000 Hz (Nyquist), got 3999",
      ]
    `);
  });
});
