// What planes begin as, which numbers of theirs move, and the way back to a cascade.

import { passiveModel } from "@neural-string/trainer/core/passive/export";
import {
  busiestRow,
  COUPLING,
  hasPlanes,
  MovedParameters,
  withoutPlanes,
  withPlanes,
} from "@neural-string/trainer/core/passive/planes/parameters";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import { expect, test } from "vitest";
import { SMALL_TUNING, smallFacts, smallParameters, smallString } from "../../../../support/passive-facts.ts";

const BINS = SMALL_TUNING.taps / 2 + 1;
const row = (parameters: Parameters, name: string, i: number) =>
  parameters.get(name)?.data.subarray(i * BINS, (i + 1) * BINS) ?? new Float32Array(0);

test("a second plane begins as one filter of the first, flatter and longer, and is not coupled", () => {
  const cascade = smallParameters(3);
  const planes = withPlanes(cascade, SMALL_TUNING, 2);
  const delay = 50 * (2 ** (2 / 1200) - 1);
  // 375 Hz: far below where the two become alike; 3500 Hz: above it
  const [low, high] = [3, 28];
  const [damping, was] = [row(planes, "filters.logDamping", 0), row(cascade, "filters.logDamping", 2)];
  expect(damping[low]).toBeCloseTo(was[low] + Math.log(0.4), 5);
  expect(damping[high]).toBe(was[high]);
  const [phase, phaseWas] = [row(planes, "filters.phase", 0), row(cascade, "filters.phase", 2)];
  expect(phase[low]).toBeCloseTo(phaseWas[low] - ((2 * Math.PI * low) / 64) * delay, 5);
  expect(phase[high]).toBe(phaseWas[high]);
  for (const i of [1, 2, 3])
    expect(row(planes, "filters.phase", i)).toEqual(row(cascade, "filters.phase", i));
  expect(planes.get(COUPLING)?.data.every((x) => x === 0)).toBe(true);
  expect(hasPlanes(planes)).toBe(true);
  expect(hasPlanes(cascade)).toBe(false);
});

test("a cascade comes back as it was", () => {
  const cascade = smallParameters(3);
  expect(withoutPlanes(withPlanes(cascade, SMALL_TUNING, 1))).toEqual(cascade);
  expect(withoutPlanes(cascade)).toBe(cascade);
});

test("low bins move, by their steps; nothing at 0 Hz is coupled or turned", () => {
  const planes = withPlanes(smallParameters(3), SMALL_TUNING, 1);
  const moved = new MovedParameters(planes, SMALL_TUNING);
  // 16 partials of 160 Hz reach to bin 20.5 of 125 Hz each: 21 bins move
  expect(moved.count).toBe(4 * (21 + 20) + 2 * 20);
  const ones = new Float64Array(moved.count).fill(1);
  const all = moved.moved(planes, ones);
  const change = (name: string, i: number) =>
    (all.get(name) as Float64Array)[i] - (planes.get(name)?.data[i] ?? Number.NaN);
  expect(change("filters.logDamping", 0)).toBeCloseTo(0.2, 12);
  expect(change("filters.phase", 0)).toBe(0);
  expect(change("filters.phase", BINS + 5)).toBeCloseTo(0.004, 12);
  expect(change("filters.phase", BINS - 1)).toBe(0);
  expect(change(COUPLING, 0)).toBe(0);
  expect(change(COUPLING, BINS)).toBe(0);
  expect(change(COUPLING, BINS + 1)).toBeCloseTo(0.1, 12);
  expect(change("mixture.output.bias", 0)).toBe(0);
  const kept = moved.kept(planes, ones);
  expect(kept.get(COUPLING)?.data[1]).toBeCloseTo(0.1, 6);
});

test("the busiest filter is the one with most of the weight while the string sounds", () => {
  const parameters = smallParameters(3);
  const bias = parameters.get("mixture.output.bias")?.data as Float32Array;
  bias.set([0, 5, 0]);
  const heard = [{ samples: smallString(), controls: [] }];
  expect(busiestRow(passiveModel(parameters, smallFacts()), heard, 2)).toBe(2);
  bias.set([0, 0, 9]);
  expect(busiestRow(passiveModel(parameters, smallFacts()), heard, 2)).toBe(3);
});
