// The instrument's audio thread in Chromium renders what it renders in Node with the same build, bit for bit: through
// pulled sliders, stolen voices and another model. That nothing of it clicks is tested in Node (stage.test.ts).
import { type PassiveModel, readModelFile, StringTuner } from "@neural-string/core-wasm";
import { Player } from "@neural-string/playground/instrument/player";
import { initialSettings, type Settings } from "@neural-string/playground/instrument/settings";
import { Stage } from "@neural-string/playground/instrument/stage";
import type { FromStage, ToStage } from "@neural-string/playground/instrument/stage-messages";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { expectSameBits } from "../support/closeness.ts";
import { buildBytes, newCore } from "../support/core-builds.ts";
import { type InstrumentSite, serveInstrument } from "../support/instrument-site.ts";
import { physicalFile } from "../support/physical-file.ts";
import { physicalString } from "../support/physical-string.ts";

const RATE = 48000;
const FRAMES = 48000;
const FILES = {
  guitar: physicalFile(physicalString({ t60: [6, 3], cents: 2, filters: 2, spread: 0.3 })),
  piano: physicalFile(physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 })),
};
type Name = keyof typeof FILES;
const PITCHES = [82.47, 103.83, 130.81, 164.81, 207.65, 261.63, 329.63];
const POLYPHONY = 5;

/** What is said at a frame (a whole quantum): settings and notes as messages, or another model. */
interface Cue {
  frame: number;
  model?: Name;
  messages: ToStage[];
}

/** A score that pulls at everything. */
function score(): Cue[] {
  const cues: Cue[] = [];
  let now: Cue;
  const at = (frame: number, model?: Name) => {
    now = { frame: 128 * Math.round(frame / 128), model, messages: [] };
    cues.push(now);
  };
  const player = new Player(initialSettings("guitar"), {
    post: (message) => now.messages.push(message),
    now: () => now.frame / RATE,
  });
  const set = (change: Partial<Settings>) => player.set(change);
  at(0, "guitar");
  player.tell();
  set({ chord: "C", volume: 6 });
  player.strum("down", 0.9);
  at(9600);
  set({ brightness: 0.6, polarisation: 0.7, tune: 30 });
  player.pluck(5, 0.4, 0.05);
  at(14400);
  set({ brightness: -0.5, damping: 0.3, stiffness: 1 });
  for (let i = 0; i < 4; i++) player.noteOn(`k${i}`, 52 + i, 0.8, { position: 0.1 + 0.1 * i });
  at(19200);
  set({ palm: true });
  player.bend(-120);
  player.strum("up", 1);
  at(24000, "piano");
  player.tell();
  player.noteOn("a", 45, 1);
  at(31200);
  player.bend(0);
  set({ palm: false, damping: 0, softness: 1 });
  player.noteOn("b", 57, 0.3);
  player.noteOff("a");
  at(40800);
  player.panic();
  return cues;
}

const SCORE = score();

function modelOf(name: Name): PassiveModel {
  return readModelFile(FILES[name]) as PassiveModel;
}

function renderHere(): { sound: Float32Array; said: FromStage[] } {
  const said: FromStage[] = [];
  const stage = new Stage(new WebAssembly.Module(buildBytes("simd")), RATE, (message) => said.push(message));
  const sound = new Float32Array(FRAMES);
  for (let n = 0; n < FRAMES; n += 128) {
    for (const { model: name, messages } of SCORE.filter(({ frame }) => frame === n)) {
      if (name) {
        const model = modelOf(name);
        const tuner = new StringTuner(newCore("simd"), model, { sampleRate: RATE, lowestF0: model.f0 });
        stage.take({ type: "load", model, polyphony: POLYPHONY, releaseT60: 0.2, lowestF0: PITCHES[0] });
        for (const f0 of PITCHES) stage.take({ type: "tuning", tuning: tuner.tune(f0) });
        stage.take({ type: "play" });
      }
      for (const message of messages) stage.take(message);
    }
    stage.process(sound.subarray(n, n + 128), n);
  }
  return { sound, said };
}

/** The same in the page: an offline context that holds still at every cue until all of it has arrived. */
const renderThere = (cues: Cue[], options: object) => `(async () => {
  const { RATE, FRAMES, PITCHES, POLYPHONY } = ${JSON.stringify(options)};
  const core = await import("/core.js");
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const wasm = (await bytes("/simd.wasm")).buffer;
  const context = new OfflineAudioContext(1, FRAMES, RATE);
  await context.audioWorklet.addModule("/processor.js");
  const node = new AudioWorkletNode(context, "neural-string-stage", {
    numberOfInputs: 0, outputChannelCount: [1], processorOptions: { wasm },
  });
  node.connect(context.destination);
  const said = [];
  const synced = new Map();
  node.port.onmessage = ({ data }) => (data.type === "synced" ? synced.get(data.id)() : said.push(data.type));
  let id = 0;
  const cues = ${JSON.stringify(cues, (_, value) => (value === Number.POSITIVE_INFINITY ? "∞" : value))};
  const finite = (message) => Object.fromEntries(Object.entries(message).map(([k, v]) => [k, v === "∞" ? Infinity : v]));
  const cue = async ({ model: name, messages }) => {
    if (name) {
      const model = core.readModelFile(await bytes("/model/" + name));
      const tuner = new core.StringTuner(new core.Core(wasm), model, { sampleRate: RATE, lowestF0: model.f0 });
      node.port.postMessage({ type: "load", model, polyphony: POLYPHONY, releaseT60: 0.2, lowestF0: PITCHES[0] });
      for (const f0 of PITCHES) node.port.postMessage({ type: "tuning", tuning: tuner.tune(f0) });
      node.port.postMessage({ type: "play" });
    }
    for (const message of messages) node.port.postMessage(finite(message));
    const arrived = new Promise((resolve) => synced.set(++id, resolve));
    node.port.postMessage({ type: "sync", id });
    await arrived;
  };
  await cue(cues[0]);
  for (const one of cues.slice(1)) {
    context.suspend(one.frame / RATE).then(async () => { await cue(one); context.resume(); });
  }
  const sound = (await context.startRendering()).getChannelData(0);
  return { bits: [...new Int32Array(sound.buffer)], said };
})()`;

describe.skipIf(!chromiumPath)(inChromium("the instrument's sound"), () => {
  let site: InstrumentSite;
  let browser: Browser;

  beforeAll(async () => {
    site = await serveInstrument({
      guitar: { title: "Guitar", bytes: FILES.guitar },
      piano: { title: "Piano", bytes: FILES.piano },
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  test("is Node's, bit for bit, through everything that can be changed", async () => {
    const here = renderHere();
    expect(here.said.filter(({ type }) => type === "failed")).toEqual([]);
    const part = (from: number) => Math.max(...here.sound.subarray(from, from + 4000));
    for (const frame of [2000, 12000, 20000, 27000, 35000]) expect(part(frame)).toBeGreaterThan(0.01);
    expect(part(44000)).toBe(0);
    const page = await browser.newPage();
    await page.goto(site.url);
    const there = await page.evaluate<{ bits: number[]; said: string[] }>(
      renderThere(SCORE, { RATE, FRAMES, PITCHES, POLYPHONY }),
    );
    expect(there.said).toEqual(["loaded", "loaded"]);
    expectSameBits(new Float32Array(Int32Array.from(there.bits).buffer), here.sound);
    await page.close();
  });
});
