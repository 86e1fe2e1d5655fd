// A step's rollouts in one thread: sums of what single rollouts give, in order, and a name for everything that is wrong.
import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
import {
  LocalRollouts,
  type RolloutExample,
  type RolloutSetup,
  type RolloutSource,
} from "@neural-string/trainer/core/passive/rollouts";
import { describe, expect, test } from "vitest";
import { heardPast } from "../../support/heard-past.ts";
import {
  makeExamples,
  makeParameters,
  makeSetup,
  TOO_MANY,
  trainModule,
  weights,
} from "../../support/rollout-setups.ts";

/** What single trainers give, added up in the order of the examples and divided by their number. */
function addedUp(
  { shapes, sources }: RolloutSetup,
  examples: readonly RolloutExample[],
  { taps, network }: ReturnType<typeof makeParameters>,
) {
  const total = { loss: 0, waveLoss: 0, spectralLoss: 0, decayLoss: 0 };
  const gradientTaps = taps.map((values) => new Float64Array(values.length));
  const gradientNetwork = new Float64Array(network.length);
  const losses: number[] = [];
  for (const { source, start, count } of examples) {
    const { samples, shape, ...rest } = sources[source];
    const trainer = new RolloutTrainer(trainModule, shapes[shape]);
    const first = start + 2 * (shapes[shape].near + shapes[shape].taps - 1);
    const { near, taps: size } = shapes[shape];
    const past = heardPast(samples.slice(start, first), near, size, taps[source]);
    const target = samples.slice(first, first + count);
    const result = trainer.run({ past, target, taps: taps[source], network, ...rest, ...weights });
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += result[name];
    losses.push(result.loss);
    for (const [i, g] of result.gradientTaps.entries()) gradientTaps[source][i] += g;
    for (const [i, g] of result.gradientNetwork.entries()) gradientNetwork[i] += g;
  }
  const mean = (x: number) => x / examples.length;
  return {
    loss: mean(total.loss),
    waveLoss: mean(total.waveLoss),
    spectralLoss: mean(total.spectralLoss),
    decayLoss: mean(total.decayLoss),
    losses: Float64Array.from(losses),
    gradientTaps: gradientTaps.map((part) => part.map(mean)),
    gradientNetwork: gradientNetwork.map(mean),
  };
}

describe("LocalRollouts", () => {
  test.each([1, 3])("sums equal single rollouts' added up in order, bit for bit: %i filters", (filters) => {
    const setup = makeSetup(filters);
    const rollouts = new LocalRollouts(setup);
    for (const seed of [1, 2]) {
      const parameters = makeParameters(setup, seed);
      const examples = makeExamples(setup, 9, seed);
      const sums = rollouts.run(examples, parameters.taps, parameters.network, weights);
      expect(sums).toEqual(addedUp(setup, examples, parameters));
      expect(sums.decayLoss, "some rollouts are long enough to decay").toBeGreaterThan(0);
      expect(sums.gradientTaps[1].some((g) => g !== 0)).toBe(true);
      expect(sums.gradientNetwork.every((g) => g !== 0)).toBe(true);
      expect(sums.gradientTaps[3].every((g) => g === 0)).toBe(true);
    }
  });

  test("two stretches that sound together are one of their sum, at the level of the first, times the gain", () => {
    const setup = makeSetup(2);
    const { taps, network } = makeParameters(setup, 1);
    const [example] = makeExamples(setup, 1, 4);
    const { source, start, count } = example;
    const { samples, shape } = setup.sources[source];
    const past = 2 * (setup.shapes[shape].near + setup.shapes[shape].taps - 1);
    const beside = { source, start: start === 0 ? 1 : start - 1, share: -0.6, gain: 1.3 };
    const blended = new LocalRollouts(setup).run([{ ...example, beside }], taps, network, weights);

    const own = samples.slice(start, start + past + count);
    const sum = own.map((x, n) => Math.fround(x - 0.6 * samples[beside.start + n]));
    const energy = (x: Float32Array) => x.subarray(0, past).reduce((all, s) => all + s * s, 0);
    const scale = 1.3 * Math.min(3, Math.max(1 / 3, Math.sqrt(energy(own) / energy(sum))));
    const byHand = setup.sources.map((other, i) =>
      i === source ? { ...other, samples: sum.map((x) => x * scale) } : other,
    );
    const expected = new LocalRollouts({ ...setup, sources: byHand }).run(
      [{ source, start: 0, count }],
      taps,
      network,
      weights,
    );
    // float32 rounding of the blended samples
    expect(Math.abs(blended.loss / expected.loss - 1)).toBeLessThan(1e-5);
    const plain = new LocalRollouts(setup).run([example], taps, network, weights);
    expect(Math.abs(blended.loss / plain.loss - 1), "it is another example").toBeGreaterThan(1e-3);
  });

  test.each([
    ["beside.source: expected a whole number", { source: 99 }],
    ["beside.start: expected a whole number", { start: -1 }],
    ["beside.share: expected a finite number", { share: Number.NaN }],
    ["beside.gain: expected a finite number", { gain: Number.POSITIVE_INFINITY }],
  ])("a blend that makes no sense is refused: %s", (sentence, change) => {
    const setup = makeSetup(1);
    const { taps, network } = makeParameters(setup, 1);
    const [example] = makeExamples(setup, 1, 1);
    const beside = { source: example.source, start: 0, share: 0.5, gain: 1, ...change };
    const run = () => new LocalRollouts(setup).run([{ ...example, beside }], taps, network, weights);
    expect(run).toThrow(sentence);
    expect(run).toThrow(RangeError);
  });

  test("a result stays what it was when the next step runs", () => {
    const setup = makeSetup(2);
    const rollouts = new LocalRollouts(setup);
    const { taps, network } = makeParameters(setup, 1);
    const first = rollouts.run(makeExamples(setup, 3, 1), taps, network, weights);
    const kept = structuredClone(first);
    rollouts.run(makeExamples(setup, 3, 2), taps, network, weights);
    expect(first).toEqual(kept);
  });

  test("refuses to run once disposed", () => {
    const setup = makeSetup(1);
    const rollouts = new LocalRollouts(setup);
    rollouts.dispose();
    const { taps, network } = makeParameters(setup, 1);
    expect(() => rollouts.run(makeExamples(setup, 1, 1), taps, network, weights)).toThrow("disposed");
  });
});

describe("what makes no sense is refused by name", () => {
  const setup = makeSetup(2);
  const withShape = (i: number, change: object): RolloutSetup => ({
    ...setup,
    shapes: setup.shapes.map((shape, j) => (i === j ? { ...shape, ...change } : shape)),
  });
  const withSource = (i: number, change: Partial<RolloutSource>): RolloutSetup => ({
    ...setup,
    sources: setup.sources.map((source, j) => (i === j ? { ...source, ...change } : source)),
  });

  test.each<[string, RolloutSetup]>([
    ["shapes: expected at least one, got none", { ...setup, shapes: [] }],
    ["shapes.1.taps: expected a whole number from 1 on, got 0", withShape(1, { taps: 0 })],
    ["shapes.2.filters: expected 2 as in shapes.0, got 3", withShape(2, { filters: 3 })],
    ["shapes.1.hidden: expected 3 as in shapes.0, got 4", withShape(1, { hidden: 4 })],
    ["shapes.1.controls: expected 1 as in shapes.0, got 2", withShape(1, { controls: 2 })],
    [`shapes.0: too little memory for rollouts of ${TOO_MANY}`, withShape(0, { mostSamples: TOO_MANY })],
    ["sources.1.shape: expected a whole number from 0 to 2, got 3", withSource(1, { shape: 3 })],
    ["sources.0.floors: expected 2 arrays, got 0", withSource(0, { floors: [] })],
    ["sources.1.floors.0: expected 17 numbers, got 3", withSource(1, { floors: [new Float32Array(3)] })],
    ["sources.2.decayNoise: expected 5 numbers, got 0", withSource(2, { decayNoise: new Float32Array(0) })],
    ["sources.3.controls: expected 1 numbers, got 2", withSource(3, { controls: new Float32Array(2) })],
  ])("%s", (message, wrong) => {
    expect(() => new LocalRollouts(wrong)).toThrow(RangeError);
    expect(() => new LocalRollouts(wrong)).toThrow(message);
  });

  const rollouts = new LocalRollouts(setup);
  const { taps, network } = makeParameters(setup, 1);
  const [example] = makeExamples(setup, 1, 1);
  const longest = 50 + 37 - 1;
  test.each<[string, RolloutExample[], Float32Array[], Float32Array, object]>([
    ["examples: expected at least one, got none", [], taps, network, {}],
    [
      "examples.1.source: expected a whole number from 0 to 3, got 4",
      [example, { ...example, source: 4 }],
      taps,
      network,
      {},
    ],
    [
      "examples.0.count: expected a whole number from 1 to 2700, got 2701",
      [{ ...example, count: 2701 }],
      taps,
      network,
      {},
    ],
    [
      `examples.0.start: expected a whole number from 0 to ${4000 - 2 * longest - 100}, got ${4001 - 2 * longest - 100}`,
      [{ source: 0, start: 4001 - 2 * longest - 100, count: 100 }],
      taps,
      network,
      {},
    ],
    ["examples.0.start: expected a whole number from 0", [{ ...example, start: -1 }], taps, network, {}],
    ["taps: expected 4 arrays, got 1", [example], taps.slice(0, 1), network, {}],
    [
      "taps.3: expected 60 numbers, got 1",
      [example],
      [...taps.slice(0, 3), new Float32Array(1)],
      network,
      {},
    ],
    ["network: expected 20 numbers, got 19", [example], taps, network.subarray(1), {}],
    [
      "weights.decayWeight: expected a number from 0 on, got NaN",
      [example],
      taps,
      network,
      { decayWeight: NaN },
    ],
  ])("%s", (message, examples, someTaps, someNetwork, change) => {
    const run = () => rollouts.run(examples, someTaps, someNetwork, { ...weights, ...change });
    expect(run).toThrow(RangeError);
    expect(run).toThrow(message);
  });

  test("a recording that is too short for its example", () => {
    const short = new LocalRollouts(withSource(0, { samples: new Float32Array(200) }));
    const run = () => short.run([{ source: 0, start: 0, count: 100 }], taps, network, weights);
    expect(run).toThrow(`examples.0: past and target need ${2 * longest + 100} samples, source 0 has 200`);
  });
});
