// What pnpm inspect says of a passive string: decay times against filters whose gain is known, the certificate against
// the core's, and the whole text once.
import { certifiedGain, growthBound } from "@neural-string/core-wasm";
import { type ModelFile, type PassiveHeader, UserError } from "@neural-string/shared";
import { describePassive, passiveFacts } from "@neural-string/trainer/commands/inspect-passive";
import type { PassiveFile } from "@neural-string/trainer/passive-file";
import { describe, expect, test } from "vitest";
import { makePassiveModel } from "../support/passive-models.ts";

const f0 = 160.5;
const sampleRate = 8000;

/** A string whose filters are one or two taps. @param rows per filter, where its taps stand and what they are */
function stringOf(rows: Record<number, number>[], changes: Partial<PassiveHeader> = {}): PassiveFile {
  const { header, tensors } = makePassiveModel({ f0, sampleRate, filters: rows.length - 1 });
  const data = new Float32Array(rows.length * header.taps);
  rows.forEach((row, k) => {
    for (const [at, tap] of Object.entries(row)) data[k * header.taps + Number(at)] = tap;
  });
  const filled: ModelFile["tensors"] = new Map(tensors);
  filled.set("filters.taps", { shape: [rows.length, header.taps], data });
  return { header: { ...header, ...changes }, tensors: filled };
}

describe("passiveFacts", () => {
  test("one tap rings alike at all partials: 60 dB in ln(1000) / -ln(gain) periods", () => {
    const { partials } = passiveFacts(stringOf([{ 16: 0.9 }, { 10: 0.98 }]), "m");
    const t60 = (gain: number) => Math.log(1000) / -Math.log(gain) / f0;
    for (const { gains, t60: found } of partials) {
      expect(gains[0]).toBeCloseTo(0.9, 6);
      expect(gains[1]).toBeCloseTo(0.98, 6);
      expect(found[0] / t60(0.9)).toBeCloseTo(1, 5);
      expect(found[1] / t60(0.98)).toBeCloseTo(1, 5);
    }
  });

  test("two equal taps damp a partial by the cosine of half its phase step", () => {
    const { partials } = passiveFacts(
      stringOf([{ 16: 0.5 }, { 16: 0.49, 17: 0.49 }], { inharmonicity: undefined }),
      "m",
    );
    // below half the sample rate only
    expect(partials.map(({ partial }) => partial)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24]);
    for (const { partial, frequency, gains } of partials) {
      expect(frequency).toBeCloseTo(partial * f0, 9);
      expect(gains[1]).toBeCloseTo(0.98 * Math.cos((Math.PI * partial * f0) / sampleRate), 6);
    }
  });

  test("partials of a stiff string stand where it sounds them", () => {
    const { partials } = passiveFacts(stringOf([{ 16: 0.5 }, { 16: 0.5 }], { inharmonicity: 1e-3 }), "m");
    const eighth = partials.find(({ partial }) => partial === 8);
    expect(eighth?.frequency).toBeCloseTo(8 * f0 * Math.sqrt(1.064), 9);
  });

  test("recomputes the gain and says how long the claim lets a partial ring", () => {
    const file = stringOf([{ 16: 0.9 }, { 16: 0.98 }]);
    const { certificate, longestDelay } = passiveFacts(file, "m");
    const taps = Float32Array.from({ length: 32 }, (_, j) => (j === 16 ? 0.98 : 0));
    expect(certificate).toMatchObject({ claimed: 0.99, gain: certifiedGain(taps) });
    expect(20 * Math.log10(0.99 ** (certificate.longestT60 * f0))).toBeCloseTo(-60, 9);
    expect(longestDelay).toBe(50 - 16 + 31);
  });

  test("counts what was learned: spectra and weights, not taps or excitations", () => {
    const file = makePassiveModel({ filters: 3, hidden: 2, controls: 1, excitations: 2 });
    expect(passiveFacts(file, "m").parameters).toBe(2 * 4 * 17 + (2 * 3 + 2) + (3 * 2 + 3));
    expect(passiveFacts(makePassiveModel(), "m").parameters).toBe(2 * 2 * 17);
  });

  test("a broken certificate is refused", () => {
    const file = stringOf([{ 16: 0.9 }, { 16: 0.995 }]);
    expect(() => passiveFacts(file, "m.safetensors")).toThrow(UserError);
    expect(() => passiveFacts(file, "m.safetensors")).toThrow(
      /^m\.safetensors: certificate\.gain: expected filters within the claimed 0\.99, got a gain of 0\.995\d*; the file is damaged or not ours$/,
    );
  });
});

describe("describePassive", () => {
  test("says where the loops are parallel, and counts what couples them", () => {
    const [planes, cascade] = [{ coupling: 0.5 }, {}].map((options) => {
      const { header, tensors } = makePassiveModel({ filters: 2, ...options });
      const facts = passiveFacts({ header, tensors }, "m");
      return { facts, lines: describePassive({ header, tensors }, facts, "m").split("\n") };
    });
    const line = "  loops     parallel: the pluck drives the first, and the second through a coupling filter";
    expect(planes.lines).toContain(line);
    expect(cascade.lines).not.toContain(line);
    expect(planes.facts.parameters).toBe(cascade.facts.parameters + 32);
  });

  test("reads as a table", () => {
    const certificate = { gain: 0.95, growth: growthBound(0.95) };
    const file = stringOf([{ 16: 0.8 }, { 16: 0.9 }, { 16: 0.45, 17: 0.45 }], { certificate });
    expect(describePassive(file, passiveFacts(file, "m"), "m")).toMatchInlineSnapshot(`
      "m: a passive string "random 1", schema 1
        pitch     f0 160.50 Hz at 8000 Hz, period 49.84 samples, B 1.0e-4
        filters   2 in the first loop, 1 in the second; 32 taps, 16 ahead of the period: 34-65 samples ago
        mixture   2 > 6 tanh > 2, every 64 samples (8 ms); 134 parameters in all
        controls  0
        gain      at most 0.95 claimed, 0.9000005 recomputed: holds; no T60 above 0.839 s at f0
        bound     |y| <= 3.04 sqrt(Ey) + 60.8 sqrt(Eu), E the energy of the last 65 samples
        partial  Hz      T60 filter 1  T60 filter 2  T60 second loop
        1        160.5   0.408 s       0.401 s       0.193 s
        2        321.1   0.408 s       0.38 s        0.193 s
        3        481.7   0.408 s       0.349 s       0.193 s
        4        642.5   0.408 s       0.313 s       0.193 s
        6        964.7   0.408 s       0.241 s       0.193 s
        8        1288.1  0.408 s       0.18 s        0.193 s
        12       1939.8  0.408 s       0.1 s         0.193 s
        16       2600.7  0.408 s       0.057 s       0.193 s
        24       3961.4  0.408 s       0.01 s        0.193 s
        excitation  length   level     f0         controls
        "pluck 0"   12.5 ms  -20.0 dB  160.50 Hz  -"
    `);
  });
});
