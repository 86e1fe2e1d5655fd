// Planes brought below the cap: no gain above it anywhere, and nothing moved where there was none.
import { certifiedGain } from "@neural-string/core-wasm";
import { withinCap } from "@neural-string/trainer/core/passive/planes/within-cap";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import { expect, test } from "vitest";
import { SMALL_TUNING } from "../../../../support/passive-facts.ts";

const CAP = 0.998;
const { taps, ahead, fade } = SMALL_TUNING;
const form = new SpectralForm(taps, ahead, fade);
const { bins } = form;

/** Two filters: one of even damping, one whose phases differ from bin to bin, so that its gain between them is above 1. */
function planes(): Parameters {
  const damping = new Float32Array(2 * bins).fill(Math.log(0.02));
  const phase = new Float32Array(2 * bins);
  for (let k = 0; k < bins; k++) phase[bins + k] = 0.5 * Math.sin(2.4 * k);
  const shape = [2, bins];
  return new Map([
    ["filters.logDamping", { shape, data: damping }],
    ["filters.phase", { shape, data: phase }],
  ]);
}

const gainsOf = (parameters: Parameters) =>
  [0, 1].map((row) => {
    const [logDamping, phase] = [...parameters.values()].map(({ data }) =>
      Float64Array.from(data.subarray(row * bins, (row + 1) * bins)),
    );
    return certifiedGain(Float32Array.from(form.tapsOf({ logDamping, phase })));
  });

test("planes end about below the cap", () => {
  const before = planes();
  expect(gainsOf(before)[1]).toBeGreaterThan(1.02);
  const after = withinCap(before, SMALL_TUNING, CAP);
  // what is left between the points of the grid, and what is left to the solver
  for (const gain of gainsOf(after)) expect(gain).toBeLessThan(CAP + 2e-3);
});

test("a filter below the cap stays as it was, and phases always do", () => {
  const before = planes();
  const after = withinCap(before, SMALL_TUNING, CAP);
  const [was, is] = [before, after].map((all) => [...all.values()].map(({ data }) => [...data]));
  expect(is[0].slice(0, bins)).toEqual(was[0].slice(0, bins));
  expect(is[0].slice(bins)).not.toEqual(was[0].slice(bins));
  expect(is[0].every((x, i) => x >= was[0][i])).toBe(true);
  expect(is[1]).toEqual(was[1]);
});
