/**
 * A score that pulls at everything the instrument has, rendered by its audio thread in Node, and in a page by an offline
 * context, for tests that compare the two bit for bit.
 */
import { type PassiveModel, readModelFile, StringTuner } from "@neural-string/core-wasm";
import { Player } from "@neural-string/playground/instrument/player";
import { initialSettings, type Settings } from "@neural-string/playground/instrument/settings";
import { Stage } from "@neural-string/playground/instrument/stage";
import type { FromStage, ToStage } from "@neural-string/playground/instrument/stage-messages";
import { buildBytes, newCore } from "./core-builds.ts";
import { physicalFile } from "./physical-file.ts";
import { physicalString } from "./physical-string.ts";

export const RATE = 48000;
const FRAMES = 48000;
/** The models it is played on, as files. */
export const FILES = {
  guitar: physicalFile(physicalString({ t60: [6, 3], cents: 2, filters: 2, spread: 0.3 })),
  piano: physicalFile(physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 })),
};
type Name = keyof typeof FILES;
const PITCHES = [82.47, 103.83, 130.81, 164.81, 207.65, 261.63, 329.63];
const POLYPHONY = 5;

/** What is said at a frame (a whole quantum): settings and notes as messages, or another model. */
export interface Cue {
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

/** Everything, at its time. */
export const SCORE = score();

/**
 * The same in one piece, for browsers whose offline contexts do not hold still (Firefox): all is said before the first
 * sample, and happens at its time. Without what has no time: tone, and another model.
 */
export const SCORE_AHEAD: Cue[] = [
  {
    ...SCORE[0],
    messages: SCORE.slice(
      0,
      SCORE.findIndex(({ model }, i) => i > 0 && model !== undefined),
    ).flatMap(({ frame, messages }) =>
      messages
        .filter(({ type }) => frame === 0 || type !== "tone")
        .map((message) => ({ time: frame / RATE, ...defined(message) }) as ToStage),
    ),
  },
];

/** Without what is undefined: a time that is not given must not take the place of one. */
function defined(message: ToStage): object {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined));
}

function modelOf(name: Name): PassiveModel {
  return readModelFile(FILES[name]) as PassiveModel;
}

/** Render in Node. */
export function renderHere(cues: Cue[]): { sound: Float32Array; said: FromStage[] } {
  const said: FromStage[] = [];
  const stage = new Stage(new WebAssembly.Module(buildBytes("simd")), RATE, (message) => said.push(message));
  const sound = new Float32Array(FRAMES);
  for (let n = 0; n < FRAMES; n += 128) {
    for (const { model: name, messages } of cues.filter(({ frame }) => frame === n)) {
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
const pageScript = (cues: Cue[], options: object) => `(async () => {
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
  return { bits: new Int32Array(sound.buffer).join(), said };
})()`;

/** What the page of `serveInstrument` is asked, to render the same: a text, because a test runner would rewrite imports. */
export function scriptToRender(cues: Cue[]): string {
  return pageScript(cues, { RATE, FRAMES, PITCHES, POLYPHONY });
}

/** What that script answers. */
export interface Rendered {
  /** The samples' bits, as whole numbers with commas between. */
  bits: string;
  said: string[];
}

export function soundOf({ bits }: Rendered): Float32Array {
  return new Float32Array(Int32Array.from(bits.split(","), Number).buffer);
}
