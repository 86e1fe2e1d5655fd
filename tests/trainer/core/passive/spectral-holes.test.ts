// Bins that linear prediction left damped take after their neighbours; all others stay as they were predicted.
import { wrapped } from "@neural-string/trainer/core/passive/spectral-form";
import { mendHoles } from "@neural-string/trainer/core/passive/spectral-holes";
import { stiffPhase } from "@neural-string/trainer/core/passive/start";
import { describe, expect, test } from "vitest";

const tuning = { sampleRate: 44100, f0: 55, taps: 256, ahead: 190 };
const expected = stiffPhase(tuning, 1e-4);
/** A string a little less stiff than was thought: beyond a turn off at the top. */
const actual = expected.map((x) => 0.98 * x);
const damping = expected.map((_, k) => 0.01 + 0.002 * k);

function predicted() {
  return { logDamping: damping.map(Math.log), phase: actual.map(wrapped) };
}

describe("mendHoles", () => {
  test("leaves alone what follows the string's stiffness, and tells its turns", () => {
    const spectrum = predicted();
    const suggested = mendHoles(spectrum, expected, 1);
    expect(spectrum).toEqual(predicted());
    suggested.forEach((x, k) => {
      const turns = Math.round((x - spectrum.phase[k]) / (2 * Math.PI));
      expect(spectrum.phase[k] + 2 * Math.PI * turns, `bin ${k}`).toBeCloseTo(actual[k], 9);
    });
  });

  test.each([
    ["an arbitrary phase under little gain", 1.7, 1.5],
    ["too much damping, in tune", 0, 2],
  ])("%s becomes what lies around it", (_, off, nepers) => {
    for (const bins of [[15], [15, 16], [23, 26], [3]]) {
      const spectrum = predicted();
      for (const k of bins) {
        spectrum.phase[k] = wrapped(spectrum.phase[k] + off);
        spectrum.logDamping[k] = Math.log(nepers);
      }
      mendHoles(spectrum, expected, 1);
      for (const k of bins) {
        const place = `bin ${k} of ${bins}`;
        expect(Math.abs(wrapped(spectrum.phase[k] - actual[k])), place).toBeLessThan(0.3);
        expect(Math.abs(spectrum.logDamping[k] - Math.log(damping[k])), place).toBeLessThan(Math.log(1.7));
      }
      const rest = predicted();
      spectrum.phase.forEach((x, k) => {
        if (!bins.includes(k))
          expect([x, spectrum.logDamping[k]]).toEqual([rest.phase[k], rest.logDamping[k]]);
      });
    }
  });

  test.each([
    ["hardly any damping", 0, 5e-4],
    ["another phase", 1, 0.05],
    ["damped ten times as much, and half of it left", 1, 0.65],
  ])("a bin that rings stays, whatever its neighbours: %s", (_, off, nepers) => {
    const spectrum = predicted();
    spectrum.phase[15] = wrapped(spectrum.phase[15] + off);
    spectrum.logDamping[15] = Math.log(nepers);
    const before = { logDamping: spectrum.logDamping.slice(), phase: spectrum.phase.slice() };
    mendHoles(spectrum, expected, 1);
    expect(spectrum).toEqual(before);
  });

  test("where the neighbours' phases are any, a hole is left alone", () => {
    const spectrum = predicted();
    for (let k = 11; k < 20; k++)
      spectrum.phase[k] = wrapped(spectrum.phase[k] + [2, -1, 3, 0.5, -2.5][k % 5]);
    spectrum.logDamping[15] = Math.log(1.5);
    const before = { logDamping: spectrum.logDamping.slice(), phase: spectrum.phase.slice() };
    mendHoles(spectrum, expected, 1);
    expect(spectrum).toEqual(before);
  });

  test("what is silent all around stays silent, and below the first partial nothing changes", () => {
    const spectrum = predicted();
    spectrum.logDamping.fill(Math.log(6), 60);
    spectrum.logDamping[0] = Math.log(2);
    spectrum.phase[0] = Math.PI;
    mendHoles(spectrum, expected, 1);
    expect(spectrum.logDamping.subarray(64).every((x) => x === Math.log(6))).toBe(true);
    expect([spectrum.logDamping[0], spectrum.phase[0]]).toEqual([Math.log(2), Math.PI]);
  });
});
