// What the worklet's processor does with messages and blocks: events at their sample, another model without a click,
// refusals in one sentence.
import {
  type FromWorklet,
  Instrument,
  type PassiveModel,
  StringTuner,
  type ToWorklet,
} from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { buildBytes, newCore } from "../support/core-builds.ts";
import { randomString, somePast } from "../support/networks.ts";
import { physicalString } from "../support/physical-string.ts";

const guitar = physicalString({ t60: [6, 3] });
const bass = physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 });
const module = new WebAssembly.Module(buildBytes("simd"));

function make() {
  const said: FromWorklet[] = [];
  const instrument = new Instrument(module, 44100, (message) => said.push(message));
  const take = (...messages: ToWorklet[]) => {
    for (const message of messages) instrument.take(message);
  };
  return { instrument, said, take };
}

function loading(model: PassiveModel): ToWorklet[] {
  const tuning = new StringTuner(newCore("simd"), model).tune(model.f0);
  return [
    { type: "load", model, polyphony: 4, releaseT60: 0.1, lowestF0: model.f0 },
    { type: "tuning", tuning },
    { type: "play" },
  ];
}

function render(instrument: Instrument, frames: number, from = 0): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += 128) {
    instrument.process(sound.subarray(n, Math.min(frames, n + 128)), from + n);
  }
  return sound;
}

const noteOn = (f0: number, time?: number): ToWorklet => ({ type: "noteOn", id: 1, f0, velocity: 1, time });

describe("Instrument", () => {
  test("is silent until it plays, then begins a note at its very sample", () => {
    const { instrument, said, take } = make();
    expect(render(instrument, 256).every((x) => x === 0)).toBe(true);
    take(...loading(guitar));
    expect(said).toEqual([{ type: "loaded", sampleRate: 44100, blockFrames: 128 }]);
    take(noteOn(guitar.f0, 1000 / 44100));
    const sound = render(instrument, 3000);
    expect(sound.subarray(0, 1000).every((x) => x === 0)).toBe(true);
    expectSameBits(sound.subarray(1000, 1200), guitar.excitations[0].samples.subarray(0, 200));
  });

  test("voices may be made in slices, and play makes what is missing then", () => {
    const play = (prepare: number[]) => {
      const { instrument, said, take } = make();
      const [load, tuning, start] = loading(guitar);
      take(load, ...prepare.map((voices): ToWorklet => ({ type: "prepare", voices })), tuning, start);
      for (let id = 1; id <= 4; id++)
        take({ type: "noteOn", id, f0: guitar.f0, velocity: 0.2 * id, time: 0.001 * id });
      expect(said).toEqual([{ type: "loaded", sampleRate: 44100, blockFrames: 128 }]);
      return render(instrument, 2048);
    };
    const atOnce = play([]);
    expectSameBits(play([1, 1]), atOnce);
    expectSameBits(play([1, 2, 7]), atOnce);
  });

  test("events come in the order of their times, whatever the order they were posted in", () => {
    const play = (late: boolean) => {
      const { instrument, take } = make();
      take(...loading(guitar), noteOn(guitar.f0, 0));
      const bend: ToWorklet = { type: "bend", cents: 80, time: 0.02 };
      const off: ToWorklet = { type: "noteOff", id: 1, time: 0.05 };
      take(...(late ? [off, bend] : [bend, off]));
      return render(instrument, 8000);
    };
    expectSameBits(play(true), play(false));
  });

  test("another model takes over without a click, and the old one's notes are gone", () => {
    const { instrument, take } = make();
    take(...loading(guitar), noteOn(guitar.f0));
    const before = render(instrument, 22016);
    take(...loading(bass));
    const after = render(instrument, 4096, 22016);
    const sound = Float32Array.of(...before, ...after);
    const rough = (from: number, to: number) => {
      let most = 0;
      for (let n = from; n < to; n++)
        most = Math.max(most, Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]));
      return most;
    };
    const loudest = Math.max(...before.subarray(18000).map(Math.abs));
    expect(rough(22014, 26112)).toBeLessThan(1.25 * rough(18000, 22016) + 0.002 * loudest);
    expect(after.subarray(512).every((x) => x === 0)).toBe(true);
    take(noteOn(bass.f0));
    expect(Math.max(...render(instrument, 2048, 30000))).toBeGreaterThan(1e-3);
  });

  test("a passive string goes on from a recording, and a classic one too", () => {
    for (const model of [guitar, randomString({ delays: [534, 535, 536], hidden: [4] })]) {
      const { instrument, said, take } = make();
      if (model.kind === "passive") take(...loading(model));
      else take({ type: "load", model, polyphony: 1, releaseT60: 1 }, { type: "play" });
      take({ type: "excite", past: somePast(2000, 535), guardHeadroom: 4 });
      expect(Math.max(...render(instrument, 1024))).toBeGreaterThan(1e-3);
      take({ type: "stop" });
      render(instrument, 1024);
      expect(said.filter(({ type }) => type === "failed")).toEqual([]);
    }
  });

  test("what cannot be done is said in one sentence, and nothing else suffers", () => {
    const { instrument, said, take } = make();
    take({ type: "prepare", voices: 1 }, { type: "play" }, noteOn(110));
    render(instrument, 128);
    take(...loading(guitar), noteOn(3000), noteOn(guitar.f0, Number.NaN), noteOn(guitar.f0));
    const sound = render(instrument, 1024);
    expect(Math.max(...sound)).toBeGreaterThan(1e-3);
    expect(said.flatMap((message) => (message.type === "failed" ? message.reason : []))).toEqual([
      "prepare: expected a model to be loaded first, got none",
      "play: expected a model to be loaded first, got none",
      "noteOn: expected a model to play, got none",
      "noteOn.time: expected a finite number, got NaN",
      "f0: expected a pitch within 200 cents of a tuning (Voices.addTuning), got 3000",
    ]);
    expect(said[1]).toMatchObject({ type: "failed", request: "play" });
    take({ type: "sync", id: 7 });
    expect(said.at(-1)).toEqual({ type: "synced", id: 7 });
  });
});
