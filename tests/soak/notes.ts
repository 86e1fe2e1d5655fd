/**
 * Thousands of note-ons with random parameters, and everything else that can be played among them: no voice is stuck in
 * the end, nothing leaves the limiter beyond its ceiling, nothing is refused and nothing is no number.
 */
import { StringTuner } from "@neural-string/core-wasm";
import { CEILING } from "@neural-string/playground/instrument/limiter";
import { Stage } from "@neural-string/playground/instrument/stage";
import { emptyLook, type FromStage, type ToStage } from "@neural-string/playground/instrument/stage-messages";
import { mulberry32 } from "../reference/random.ts";
import { buildBytes, newCore } from "../support/core-builds.ts";
import { physicalString } from "../support/physical-string.ts";
import type { Figures, Report, Tell } from "./figures.ts";

const RATE = 44100;
const BLOCK = 128;
const POLYPHONY = 12;
const ROWS = 12;
/** Seconds after the last note-off in which all must have ended; the release takes no longer than one. */
const PATIENCE = 12;
/** Rounding of the limiter's gain. */
const HAIR = 1 + 1e-6;

/** Play so many notes. */
export function soakNotes(notes: number, seed: number, tell: Tell): Report {
  const model = physicalString({ filters: 2, controls: 1, spread: 0.3, t60: [6, 3], cents: 2 });
  const tuner = new StringTuner(newCore("simd"), model, { sampleRate: RATE, lowestF0: model.f0 });
  const pitches = Array.from({ length: 9 }, (_, i) => model.f0 * 2 ** (i / 4));
  const random = mulberry32(seed);
  const between = (least: number, most: number) => least + (most - least) * random();
  const said: FromStage[] = [];
  const module = new WebAssembly.Module(buildBytes("simd"));
  const stage = new Stage(
    module,
    RATE,
    (message) => said.push(message),
    () => 0,
  );
  const take = (...messages: ToStage[]) => {
    for (const message of messages) stage.take(message);
  };
  take({ type: "load", model, polyphony: POLYPHONY, releaseT60: 0.2, lowestF0: model.f0 });
  for (const f0 of pitches) take({ type: "tuning", tuning: tuner.tune(f0) });
  take({ type: "play" });

  const block = new Float32Array(BLOCK);
  let [frame, loudest, odd] = [0, 0, 0];
  const render = (seconds: number) => {
    for (let left = Math.max(1, (seconds * RATE) / BLOCK); left > 0; left--, frame += BLOCK) {
      stage.process(block, frame);
      for (const x of block) {
        if (!Number.isFinite(x)) odd++;
        loudest = Math.max(loudest, Math.abs(x));
      }
    }
  };
  /** What the meters say, asked as the page asks. */
  const look = () => {
    said.length = 0;
    take({ type: "look", look: emptyLook() });
    render(0);
    const looked = said.find((message) => message.type === "looked");
    return looked?.type === "looked" ? looked.levels : { sounding: -1, peak: Number.NaN };
  };
  const change = (): ToStage => {
    const t60 = between(0.05, 3);
    const choices: ToStage[] = [
      { type: "bend", cents: between(-200, 200) },
      { type: "damp", t60 },
      { type: "mute", t60: random() < 0.7 ? Number.POSITIVE_INFINITY : t60 },
      { type: "polarisation", mix: between(-1, 1) },
      { type: "soften", t60: random() < 0.5 ? Number.POSITIVE_INFINITY : t60 },
      { type: "release", t60: between(0.02, 1) },
      { type: "control", index: 0, value: between(-2, 2) },
      { type: "tone", gain: between(0, 4), lift: between(-1, 2) },
    ];
    return choices[Math.floor(random() * choices.length)];
  };

  const rows: Figures[] = [];
  const broken: string[] = [];
  const held: number[] = [];
  let overdriven = 0;
  for (let id = 1; id <= notes; id++) {
    const f0 = pitches[Math.floor(random() * pitches.length)] * 2 ** between(-0.1, 0.1);
    const pluck = random() < 0.5 ? {} : { position: between(0.01, 0.5), cutoff: 10 ** between(2, 4.3) };
    take({ type: "noteOn", id, f0, velocity: random(), ...pluck });
    held.push(id);
    if (random() < 0.3) take(change());
    while (held.length > 0 && random() < 0.45) {
      const [off] = held.splice(Math.floor(random() * held.length), 1);
      take({ type: "noteOff", id: off });
    }
    render(between(0, 0.04));
    const failed = said.find((message) => message.type === "failed" || message.type === "status");
    if (failed) broken.push(`note ${id}: ${JSON.stringify(failed)}`);
    said.length = 0;
    if (id % Math.ceil(notes / ROWS) !== 0 && id !== notes) continue;
    const { sounding, peak } = look();
    if (peak > CEILING) overdriven++;
    if (sounding > POLYPHONY || sounding < 0) broken.push(`note ${id}: ${sounding} voices sound`);
    rows.push({
      notes: id,
      seconds: Math.round(frame / RATE),
      sounding,
      peak: round(peak),
      out: round(loudest),
    });
    tell(`${id} notes`);
  }
  take({ type: "mute", t60: Number.POSITIVE_INFINITY }, { type: "release", t60: 0.5 });
  for (const id of held) take({ type: "noteOff", id });
  render(PATIENCE);
  const { sounding } = look();
  rows.push({ notes, seconds: Math.round(frame / RATE), sounding, peak: 0, out: round(loudest) });
  if (sounding !== 0) broken.push(`${sounding} voices are stuck ${PATIENCE} s after the last note-off`);
  if (odd > 0) broken.push(`${odd} samples are no numbers`);
  if (loudest > CEILING * HAIR) broken.push(`expected at most ${CEILING} of full scale, got ${loudest}`);
  if (overdriven === 0) broken.push("nothing ever reached the limiter: this has shown nothing");
  return { what: `${notes} note-ons with random parameters, seed ${seed}`, rows, broken };
}

const round = (x: number) => Math.round(1e4 * x) / 1e4;
