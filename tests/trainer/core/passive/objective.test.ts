// What a training step makes smaller, against float64 definitions and their finite differences; and as a tfjs operation
// against a plain composition of tfjs operations, value and gradients.
import { chooseBackend } from "@neural-string/trainer/backend";
import { lossOperation } from "@neural-string/trainer/core/passive/objective";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import {
  furthestDelay,
  nearestDelay,
  Retuning,
  type Tuning,
  wholePeriodOf,
} from "@neural-string/trainer/core/passive/tuning";
import {
  networkOf,
  type Parameters,
  PassiveVariables,
  spectraOf,
} from "@neural-string/trainer/core/passive/variables";
import * as tf from "@tensorflow/tfjs";
import { afterAll, describe, expect, test } from "vitest";
import { objectiveByDefinition, type ReferenceObjective } from "../../../reference/passive-objective.ts";
import { composedObjective, type TfParameters } from "../../../reference/tf-objective.ts";
import { expectWithinDb } from "../../../support/closeness.ts";
import { heardPast } from "../../../support/heard-past.ts";
import {
  CAP,
  FRAME_SIZE,
  HIDDEN,
  HOP,
  makeProblem,
  RESIDUAL_SIZE,
  someParameters,
  TUNING,
  WEIGHTS,
  withSomeResidual,
} from "../../../support/passive-problems.ts";

const GAIN_WEIGHT = 1000;

/** A past as a string of some parameters hears it at a tuning. */
function heardAt(past: Float32Array, tuning: Tuning, parameters: Parameters): Float32Array {
  const { taps, ahead, fade } = tuning;
  const form = new SpectralForm(taps, ahead, fade);
  const retuning = new Retuning(TUNING, tuning);
  const rows = spectraOf(parameters, true).map((row) => form.tapsOf(retuning.apply(row)));
  return heardPast(past, nearestDelay(tuning), taps, Float32Array.of(...rows.flatMap((row) => [...row])));
}

/** A problem as the float64 authority takes it. */
function asReference(
  { tunings, sources, examples }: ReturnType<typeof makeProblem>,
  parameters: Parameters,
  residual?: ReferenceObjective["residual"],
): ReferenceObjective {
  const withPeriod = new Map(tunings.map((tuning) => [tuning, { ...tuning, period: wholePeriodOf(tuning) }]));
  const own = withPeriod.get(TUNING) ?? { ...TUNING, period: wholePeriodOf(TUNING) };
  return {
    tuning: own,
    fade: TUNING.fade as number,
    cap: CAP,
    gainWeight: GAIN_WEIGHT,
    // each example from a recording of its own: pasts lose an offset that depends on where they end
    sources: examples.map(({ source, start, count }) => {
      const { samples, controls, floors } = sources[source];
      const tuning = tunings[source];
      const first = start + 2 * furthestDelay(tuning);
      const past = heardAt(samples.slice(start, first), tuning, parameters);
      const sound = Float32Array.of(...past, ...samples.subarray(first, first + count));
      return { tuning: withPeriod.get(tuning) ?? own, samples: sound, controls, floor: floors[0] };
    }),
    examples: examples.map(({ count }, source) => ({ source, start: 0, count })),
    hop: HOP,
    hidden: HIDDEN,
    residual,
    frameSize: FRAME_SIZE,
    ...WEIGHTS,
  };
}

/** The definition's loss with one number of one parameter moved. */
function movedLoss(
  reference: ReferenceObjective,
  parameters: Parameters,
  name: string,
  i: number,
  by: number,
): number {
  const rows = spectraOf(parameters, true);
  const network = Float64Array.from(networkOf(parameters));
  const bins = rows[0].phase.length;
  if (name === "filters.logDamping") rows[Math.floor(i / bins)].logDamping[i % bins] += by;
  else if (name === "filters.phase") rows[Math.floor(i / bins)].phase[i % bins] += by;
  else {
    let at = i;
    for (const before of [...parameters.keys()].filter((key) => !key.startsWith("filters."))) {
      if (before === name) break;
      at += parameters.get(before)?.data.length ?? 0;
    }
    network[at] += by;
  }
  return objectiveByDefinition(reference, rows, network);
}

describe.each(["train-simd", "train-relaxed"] as const)("PassiveObjective.evaluate, %s", (build) => {
  test.each([
    { filters: 1, notes: [1] },
    { filters: 3, notes: [1] },
    { filters: 1, notes: [1, 1.12] },
    { filters: 2, notes: [0.8, 1.3] },
    { filters: 1, notes: [1], residual: RESIDUAL_SIZE },
    { filters: 3, notes: [1], residual: RESIDUAL_SIZE },
  ])("loss and slopes are the definition's: $filters filters at $notes, residual $residual", async (c) => {
    const { filters, notes, residual } = c;
    const loops = someParameters(filters, 3);
    const parameters = residual ? withSomeResidual(loops, 4) : loops;
    const problem = makeProblem(build, filters, notes, [200, 129, 90, 200], parameters);
    const reference = asReference(problem, parameters, residual);
    const objected = await problem.objective.evaluate(
      parameters,
      problem.rollouts,
      problem.examples,
      WEIGHTS,
    );
    const expected = movedLoss(reference, parameters, "filters.phase", 0, 0);
    // float32 sounds of some hundred samples
    expect(Math.abs(objected.loss / expected - 1)).toBeLessThan(1e-5);
    expect(objected.parts["gain above the cap"], "some gain has its price").toBeGreaterThan(0.1);
    const sum = Object.values(objected.parts).reduce((total, part) => total + part, 0);
    expect(sum).toBeCloseTo(objected.loss, 9);

    expect([...objected.gradients.keys()]).toEqual(
      [...parameters.keys()].filter((name) => name !== "filters.turns"),
    );
    const step = 1e-7;
    for (const [name, gradient] of objected.gradients) {
      const largest = Math.max(...gradient.map(Math.abs));
      expect(largest, name).toBeGreaterThan(0);
      for (let i = 0; i < gradient.length; i += Math.max(1, Math.floor(gradient.length / 7))) {
        const slope =
          (movedLoss(reference, parameters, name, i, step) -
            movedLoss(reference, parameters, name, i, -step)) /
          (2 * step);
        // float32 taps and sounds: some 1e-5 of the largest slope; differences err by rounding / 1e-7
        const error = Math.abs(gradient[i] - slope);
        expect(error, `${name}[${i}]: ${gradient[i]} for ${slope}`).toBeLessThan(1e-4 * largest + 1e-5);
      }
    }
  });
});

test("a tuning that no example is of changes nothing; one that comes twice is synthesised once and counts twice", async () => {
  const one = makeProblem("train-simd", 1, [1], [150, 150]);
  const two = makeProblem("train-simd", 1, [1, 1, 1.4], [150, 150]);
  const parameters = someParameters(1, 4);
  const same = one.examples.map((example) => ({ ...example, source: 0 }));
  const a = await one.objective.evaluate(parameters, one.rollouts, same, WEIGHTS);
  const b = await two.objective.evaluate(parameters, two.rollouts, same, WEIGHTS);
  expect(b).toEqual(a);
  const spread = await two.objective.evaluate(parameters, two.rollouts, two.examples, WEIGHTS);
  expect(spread.loss).not.toBe(a.loss);
});

describe("a loss as a tfjs operation", () => {
  afterAll(async () => {
    await chooseBackend("cpu");
  });

  const wave = { ...WEIGHTS, spectralWeight: 0 };

  /** Value and gradients of the fused operation, by the parameters' names. */
  async function fused(filters: number) {
    const { objective, rollouts, examples } = makeProblem("train-simd", filters, [1], [200, 120, 60]);
    const learned = new PassiveVariables(someParameters(filters, 5));
    const objected = await objective.evaluate(learned.parameters(), rollouts, examples, wave);
    // twice the loss plus a constant: the gradient of what comes after must reach it
    const { value, grads } = tf.variableGrads(() =>
      tf.add(tf.mul(2, lossOperation(learned.variables, objected)), 3).asScalar(),
    );
    const gradients = new Map(
      [...learned.variables].map(([name, { name: own }]) => [name, grads[own].dataSync().map((g) => g / 2)]),
    );
    const loss = (value.dataSync()[0] - 3) / 2;
    expect(objected.loss / loss).toBeCloseTo(1, 5);
    tf.dispose([value, ...Object.values(grads)]);
    learned.dispose();
    return { loss, gradients };
  }

  /** The same from plain operations. */
  function composed(filters: number) {
    const { sources, examples } = makeProblem("train-simd", filters, [1], [200, 120, 60]);
    const parameters = someParameters(filters, 5);
    const { taps, ahead } = TUNING;
    const period = wholePeriodOf(TUNING);
    const near = period - ahead;
    const problem = {
      ...{ taps, ahead, near, period, fade: TUNING.fade as number, filters, hop: HOP, cap: CAP },
      ...{ gainWeight: GAIN_WEIGHT, waveWeight: wave.waveWeight, waveSamples: wave.waveSamples },
      controls: Array.from(sources[0].controls),
      examples: examples.map(({ start, count }) => {
        const from = start + 2 * (near + taps - 1);
        const { samples } = sources[0];
        const past = heardAt(samples.slice(start, from), TUNING, parameters);
        return { past, target: samples.slice(from, from + count) };
      }),
    };
    const names = [...parameters.keys()].filter((name) => name !== "filters.turns");
    const tensors = names.map((name) => {
      const { data, shape } = parameters.get(name) ?? { data: [], shape: [] };
      return tf.tensor(data, shape);
    });
    const f = (...all: tf.Tensor[]) => composedObjective(problem, all as TfParameters);
    const { value, grads } = tf.valueAndGrads(f)(tensors);
    const gradients = new Map(names.map((name, i) => [name, grads[i].dataSync()]));
    const loss = value.dataSync()[0];
    tf.dispose([...tensors, value, ...grads]);
    return { loss, gradients };
  }

  test.each([1, 2])(
    "equals a plain composition of tfjs operations, %i filters, on cpu and wasm",
    async (filters) => {
      await chooseBackend("cpu");
      const expected = composed(filters);
      for (const backend of ["cpu", "wasm"] as const) {
        await chooseBackend(backend);
        const before = tf.memory().numTensors;
        const { loss, gradients } = await fused(filters);
        expect(tf.memory().numTensors, "tensors left behind").toBe(before);
        // both in float32; the composition sums filters and rollouts of 200 samples in it throughout
        expect(Math.abs(loss / expected.loss - 1), backend).toBeLessThan(1e-5);
        expect([...gradients.keys()]).toEqual([...expected.gradients.keys()]);
        for (const [name, gradient] of gradients) {
          expectWithinDb(gradient, expected.gradients.get(name) ?? [], -80, `${backend}: ${name}`);
        }
      }
    },
  );
});
