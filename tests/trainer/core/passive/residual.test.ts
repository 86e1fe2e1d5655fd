// The ablation's residual: it joins a string without changing it, is trained beside the loops, and is played as the
// float64 authority plays it.
import { chooseBackend } from "@neural-string/trainer/backend";
import { passiveFile, passiveModel } from "@neural-string/trainer/core/passive/export";
import { playedBy } from "@neural-string/trainer/core/passive/listen";
import { RESIDUAL, ResidualPlayer, withResidual } from "@neural-string/trainer/core/passive/residual";
import { nearestDelay, wholePeriodOf } from "@neural-string/trainer/core/passive/tuning";
import { networkOf, type Parameters } from "@neural-string/trainer/core/passive/variables";
import { beforeAll, describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { rollOut } from "../../../reference/rollout.ts";
import { expectWithinDb } from "../../../support/closeness.ts";
import { newCore } from "../../../support/core-builds.ts";
import { heardPast } from "../../../support/heard-past.ts";
import {
  recordingsOf,
  TINY_TUNING,
  tinyPassiveConfig,
  trainTinyPassive,
} from "../../../support/passive-training.ts";
import { trainModule } from "../../../support/rollout-setups.ts";

const SIZE = { units: 3, reach: 4 };
const FACTS = { tuning: TINY_TUNING, hop: 64, controls: 0, cap: 0.997, inharmonicity: 2e-5 };
const player = new ResidualPlayer(trainModule);
const residual = { ...SIZE, player };
const [recording] = recordingsOf(TINY_TUNING, 160);

beforeAll(async () => {
  await chooseBackend("wasm");
});

async function trained(filters: number, changes: Parameters = new Map()): Promise<Parameters> {
  const { end } = await trainTinyPassive(tinyPassiveConfig({ filters }), { residual });
  return new Map([...end.parameters, ...changes]);
}

describe.each([1, 2])("a string of %i filters with a residual", (filters) => {
  test("is played as the definition says, from a recording's beginning", async () => {
    const loud = { shape: [SIZE.units], data: Float32Array.of(0.02, -0.01, 0.015) };
    const parameters = await trained(filters, new Map([[RESIDUAL[1], loud]]));
    const model = passiveModel(parameters, FACTS);
    const near = nearestDelay(TINY_TUNING);
    const history = 2 * (near + TINY_TUNING.taps - 1);
    const { render, brokenSamples } = player.play(parameters)(model, recording, history + 400);
    expect(brokenSamples).toBe(0);
    const period = wholePeriodOf(TINY_TUNING);
    const { rollout } = rollOut({
      ...{ near, period, filters, hop: 64, hidden: 4, controls: [], count: 400 },
      past: heardPast(recording.samples.subarray(0, history), near, TINY_TUNING.taps, model.loopTaps),
      taps: model.loopTaps,
      network: networkOf(parameters),
      residual: { units: SIZE.units, first: period - SIZE.reach, taps: 2 * SIZE.reach + 1 },
    });
    expectWithinDb(render, rollout, -100, "render");
    const { render: loops } = playedBy(newCore("simd"))(model, recording, history + 400);
    expect(loops).not.toEqual(render);
  });

  test("learns in both layers, by itself, and leaves the loops a certificate", async () => {
    const parameters = await trained(filters);
    expect(parameters.get(RESIDUAL[0])?.shape).toEqual([SIZE.units, 9]);
    expect(parameters.get(RESIDUAL[1])?.data.every((w) => w !== 0)).toBe(true);
    const { header, tensors } = passiveFile(parameters, FACTS);
    expect(header.certificate.gain).toBeLessThanOrEqual(FACTS.cap);
    expect([...tensors.keys()].filter((name) => name.startsWith("residual"))).toEqual([]);
  });
});

test("a residual that has just joined changes nothing, and joins once", async () => {
  const { end } = await trainTinyPassive(tinyPassiveConfig());
  const joined = withResidual(end.parameters, SIZE, mulberry32(1));
  expect(withResidual(joined, SIZE, mulberry32(2))).toBe(joined);
  const model = passiveModel(end.parameters, FACTS);
  const play = (parameters: Parameters) => player.play(parameters)(model, recording, 1000).render;
  expect(play(joined)).toEqual(play(end.parameters));
  // and without one the train kernels play what the player plays
  expectWithinDb(play(joined), playedBy(newCore("simd"))(model, recording, 1000).render, -110, "render");
});

test("is heard while it trains: selection knows a string that its residual blows up", async () => {
  const linear = await trainTinyPassive(tinyPassiveConfig());
  const broken = withResidual(linear.end.parameters, SIZE, mulberry32(1)).set(RESIDUAL[1], {
    shape: [SIZE.units],
    data: new Float32Array(SIZE.units).fill(30),
  });
  const config = tinyPassiveConfig({ steps: 1 });
  const { lines } = await trainTinyPassive(config, { warmStart: broken, residual });
  const scores = lines.flatMap((line) => (line.type === "evaluation" ? line.scoreDb : []));
  const heard = linear.lines.flatMap((line) => (line.type === "evaluation" ? line.scoreDb : []));
  expect(scores[0]).toBeGreaterThan(heard[0] + 20);
});

test("sound beyond all bounds is silenced, and counted", async () => {
  const parameters = await trained(
    1,
    new Map([[RESIDUAL[1], { shape: [3], data: new Float32Array(3).fill(1e17) }]]),
  );
  const { render, brokenSamples } = player.play(parameters)(passiveModel(parameters, FACTS), recording, 2000);
  expect(brokenSamples).toBeGreaterThan(0);
  expect(render.every(Number.isFinite)).toBe(true);
});
