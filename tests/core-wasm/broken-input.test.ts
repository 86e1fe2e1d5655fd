// What is not a number may come from anywhere: a host's control, a network that training has lost, a pluck. A string
// makes silence of it, counts it, and when the cause is gone it plays on; no voice is ever stuck. (A past is in
// classic-string.test.ts and passive-string.test.ts.)
import type { Build, ClassicModel } from "@neural-string/core-wasm";
import { Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, newCore } from "../support/core-builds.ts";
import { randomString, somePast } from "../support/networks.ts";
import { longestDelayOf, periodOf } from "../support/passive-playing.ts";
import { physicalString } from "../support/physical-string.ts";

const FRAMES = 1000;
const BROKEN = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const GUARDS = [0, 4];
const past = somePast(400, 100);
const mixed = physicalString({ filters: 3, spread: 2, hop: 100, controls: 1, seed: 2 });

function render(string: Resonator, frames = FRAMES): Float32Array {
  const sound = new Float32Array(frames);
  string.process(sound);
  return sound;
}

/** The sound from here on: nothing in it that is not a number, and what was not is counted. */
function expectSilenced(string: Resonator, what: string): void {
  const before = string.brokenSamples;
  const sound = render(string);
  expect(
    sound.findIndex((x) => !(Math.abs(x) <= 1e15)),
    what,
  ).toBe(-1);
  expect(string.brokenSamples, `${what}: counted`).toBeGreaterThan(before);
}

const networks: [string, ClassicModel][] = [
  ["in tiles", randomString({ delays: [100, 101, 53], hidden: [9, 5], controls: 2, bias: 0.1 })],
  ["sample by sample", randomString({ delays: [1, 100], hidden: [9], controls: 2, bias: 0.1 })],
  ["without hidden layers", randomString({ delays: [100, 99], hidden: [], controls: 2, drive: 0.5 })],
];

describe.each(BUILDS_HERE)("what is not a number, %s", (build: Build) => {
  test.each(networks)("as a classic string's control, %s", (what, model) => {
    for (const guardHeadroom of GUARDS) {
      const string = new Resonator(newCore(build), model);
      string.excite(past, { guardHeadroom });
      const expected = render(string);
      for (const value of [...BROKEN, 1e16]) {
        string.setControl(1, value);
        expectSilenced(string, `${what}, ${value}`);
        string.setControl(1, 0);
        string.excite(past, { guardHeadroom });
        expectSameBits(render(string), expected, `${what}, after ${value}`);
      }
    }
  });

  test.each([...BROKEN, 1e16])("as a classic string's weight or bias, %s", (value) => {
    const [, model] = networks[0];
    for (const of of ["weight", "bias"] as const) {
      for (const index of [0, 1, 2]) {
        const lost = structuredClone(model.layers);
        (lost[index][of] ?? new Float32Array(1)).fill(value);
        const string = new Resonator(newCore(build), model);
        string.excite(past, { guardHeadroom: 4 });
        const expected = render(string);
        string.setLayers(lost);
        expectSilenced(string, `${of} of layer ${index}`);
        string.setLayers(model.layers);
        string.excite(past, { guardHeadroom: 4 });
        expectSameBits(render(string), expected, `after ${of} of layer ${index}`);
      }
    }
  });

  test.each([...BROKEN, 1e300])(
    "as a passive string's control, %s: it rings on from its second loop when the control is one again",
    (value) => {
      for (const guardHeadroom of GUARDS) {
        const string = new Resonator(newCore(build), mixed);
        string.pluck(0, { guardHeadroom });
        render(string, 3000);
        string.setControl(0, value);
        expectSilenced(string, "control");
        string.setControl(0, 0.3);
        render(string); // to the next hop, and a trip
        const broken = string.brokenSamples;
        expect(Math.max(...render(string))).toBeGreaterThan(1e-4);
        expect(string.brokenSamples).toBe(broken);
        // and the next note knows nothing of it
        string.reset();
        string.pluck(0, { guardHeadroom });
        const fresh = new Resonator(newCore(build), mixed);
        fresh.pluck(0, { guardHeadroom });
        expectSameBits(render(string), render(fresh));
      }
    },
  );

  test.each([1e12, 1e15, -3e38, 3e38])("a mixture whose outputs are all %s is still one", (value) => {
    // the weights' squares must sum to 1: with more the string would gain energy trip by trip
    const outputBias = mixed.outputBias.map(() => value);
    const string = new Resonator(newCore(build), { ...mixed, outputBias });
    string.pluck();
    render(string, 8000);
    const sum = string.mixtureWeights().reduce((total, s) => total + s * s, 0);
    expect(sum).toBeGreaterThan(1 - 1e-6);
    expect(sum).toBeLessThan(1 + 1e-6);
    const before = Math.max(...render(string, 2000));
    render(string, 100_000);
    expect(Math.max(...render(string, 2000))).toBeLessThan(before);
    expect(string.brokenSamples).toBe(0);
  });

  test("as the guard's headroom: refused, it would switch the guard off", () => {
    const string = new Resonator(newCore(build), mixed);
    for (const guardHeadroom of [...BROKEN, -1]) {
      const said = `guardHeadroom: expected 0 (off) or a ratio above it, got ${guardHeadroom}`;
      expect(() => string.excite(somePast(string.wantedHistory, 100), { guardHeadroom })).toThrow(said);
      expect(() => string.pluck(0, { guardHeadroom })).toThrow(said);
      expect(() => string.load(past, past, { guardHeadroom })).toThrow(said);
    }
  });

  test("in a passive string's pluck", () => {
    const core = newCore(build);
    const string = new Resonator(core, mixed);
    const samples = mixed.excitations[0].samples.slice();
    for (const [i, value] of BROKEN.entries()) samples[50 + 7 * i] = value;
    samples[200] = 1e30;
    const healed = samples.map((x) => (Math.abs(x) <= 1e15 ? x : 0));
    const { exports } = core;
    // a handle of its own: the Resonator's is its secret
    const parts = [mixed.logDamping, mixed.phase, mixed.loopTaps].map((x) => core.put(x));
    const { hiddenWeight, hiddenBias, outputWeight, outputBias } = mixed;
    const network = core.put(Float32Array.of(...hiddenWeight, ...hiddenBias, ...outputWeight, ...outputBias));
    const [F, period] = [longestDelayOf(mixed), periodOf(mixed)];
    const handle = exports.passiveCreate(
      4,
      256,
      256,
      F,
      period,
      parts[0],
      parts[1],
      parts[2],
      8,
      1,
      network,
      0,
    );
    exports.passiveSource(handle, 44100, mixed.f0, period, 190, mixed.certificate.gain, 0);
    exports.passiveRetune(handle, 44100, mixed.f0, period, 256, 190, 100);
    const out = core.allocate(4 * FRAMES);
    const played = (address: number) => {
      exports.passiveReset(handle);
      exports.passivePluck(handle, address, 0, samples.length, 1, 0);
      exports.passiveRender(handle, out, FRAMES);
      return core.f32(out, FRAMES).slice();
    };
    const wounded = played(core.put(samples));
    expect(exports.passiveBroken(handle)).toBe(4);
    expectSameBits(wounded, played(core.put(healed)));
    expect(exports.passiveBroken(handle)).toBe(0);
    expect(wounded.some((x) => x !== 0)).toBe(true);
    expect(render(string).every((x) => x === 0)).toBe(true);
  });
});
