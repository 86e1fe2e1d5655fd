/** The instrument as the audio thread runs it, played as the page plays it, without either. */
import { type PassiveModel, StringTuner } from "@neural-string/core-wasm";
import { Player } from "@neural-string/playground/instrument/player";
import { initialSettings, type Settings } from "@neural-string/playground/instrument/settings";
import { Stage } from "@neural-string/playground/instrument/stage";
import type { FromStage, ToStage } from "@neural-string/playground/instrument/stage-messages";
import { buildBytes, newCore } from "./core-builds.ts";
import { physicalString } from "./physical-string.ts";

export const RATE = 44100;
const module = new WebAssembly.Module(buildBytes("simd"));
export const guitar = physicalString({ t60: [6, 3], cents: 2 });
export const piano = physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 });
/** Every fourth semitone from E2. */
export const PITCHES = Array.from({ length: 9 }, (_, i) => 82.47 * 2 ** (i / 3));

function tuningsOf(model: PassiveModel): ToStage[] {
  const tuner = new StringTuner(newCore("simd"), model, { sampleRate: RATE, lowestF0: model.f0 });
  return PITCHES.map((f0) => ({ type: "tuning", tuning: tuner.tune(f0) }));
}
const TUNINGS = new Map([guitar, piano].map((model) => [model, tuningsOf(model)]));

export function loading(model: PassiveModel, polyphony = 8): ToStage[] {
  return [
    { type: "load", model, polyphony, releaseT60: 0.2, lowestF0: PITCHES[0] },
    ...(TUNINGS.get(model) as ToStage[]),
    { type: "play" },
  ];
}

/** A stage with a player before it; `said` is what the stage says, `posted` what the player does. */
export function make(settings: Partial<Settings> = {}, polyphony = 8) {
  const said: FromStage[] = [];
  const posted: ToStage[] = [];
  const stage = new Stage(
    module,
    RATE,
    (message) => said.push(message),
    () => 0,
  );
  let frame = 0;
  for (const message of loading(guitar, polyphony)) stage.take(message);
  const player = new Player(
    { ...initialSettings("a"), ...settings },
    {
      post: (message) => {
        posted.push(message);
        stage.take(message);
      },
      now: () => frame / RATE,
    },
  );
  player.tell();
  posted.length = 0;
  const render = (seconds: number) => {
    const sound = new Float32Array(128 * Math.ceil((seconds * RATE) / 128));
    for (let n = 0; n < sound.length; n += 128, frame += 128)
      stage.process(sound.subarray(n, n + 128), frame);
    return sound;
  };
  return { stage, player, said, posted, render };
}

export const rms = (sound: Float32Array) =>
  Math.sqrt(sound.reduce((sum, x) => sum + x * x, 0) / sound.length);
export const loudest = (sound: Float32Array) => sound.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** The largest second difference, which a click makes large. */
export function roughness(sound: Float32Array): number {
  let most = 0;
  for (let n = 2; n < sound.length; n++) {
    most = Math.max(most, Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]));
  }
  return most;
}
