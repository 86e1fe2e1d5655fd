/**
 * A model plays for hours: plucked at the same interval, it must say the same each time, bit for bit, once it has fallen
 * silent in between; every sample is a number, none is subnormal, and no offset stays.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bestBuild, Resonator, readModelFile } from "@neural-string/core-wasm";
import { newCore } from "../support/core-builds.ts";
import type { Figures, Report, Tell } from "./figures.ts";

const MODEL = fileURLToPath(
  new URL("../../packages/playground/models/piano-a1/model.safetensors", import.meta.url),
);
const SMALLEST_NORMAL = 2 ** -126;
const BLOCK = 128;
/** Seconds after a pluck between which an offset would be heard of, as the soak of `pnpm evaluate` listens to it. */
const LATE = [50, 60];
/** Of it, against the first second's RMS. */
const MOST_OFFSET = 1e-3;
/** Rows of the report. */
const ROWS = 24;

/**
 * Render.
 * @param seconds of sound in all
 * @param everySeconds between two plucks; long enough for silence
 */
export function soakDay(seconds: number, everySeconds: number, tell: Tell): Report {
  const model = readModelFile(new Uint8Array(readFileSync(MODEL)));
  const string = new Resonator(newCore(bestBuild()), model);
  const blocks = Math.round((everySeconds * model.sampleRate) / BLOCK);
  const second = Math.round(model.sampleRate / BLOCK);
  const plucks = Math.max(2, Math.round(seconds / everySeconds));
  const sound = new Float32Array(BLOCK);
  const rows: Figures[] = [];
  const broken: string[] = [];
  const first = { digest: "", rms: 0 };
  for (let pluck = 0; pluck < plucks; pluck++) {
    string.pluck();
    const hash = createHash("sha256");
    let [energy, early, late, odd, subnormal, silentFrom] = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < blocks; i++) {
      string.process(sound);
      hash.update(new Uint8Array(sound.buffer));
      for (let n = 0; n < BLOCK; n++) {
        const x = sound[n];
        const size = Math.abs(x);
        if (!(size <= 1e15)) odd++;
        else if (size > 0 && size < SMALLEST_NORMAL) subnormal++;
        if (x !== 0) silentFrom = i * BLOCK + n + 1;
        energy += x * x;
        if (i < second) early += x * x;
        if (i >= LATE[0] * second && i < LATE[1] * second) late += x;
      }
    }
    const offset = late / ((LATE[1] - LATE[0]) * second * BLOCK) / Math.sqrt(early / (second * BLOCK));
    const digest = hash.digest("hex").slice(0, 16);
    const rms = Math.sqrt(energy / (blocks * BLOCK));
    if (pluck === 0) Object.assign(first, { digest, rms });
    const at = `pluck ${pluck}`;
    if (odd > 0) broken.push(`${at}: ${odd} samples are no numbers`);
    if (subnormal > 0) broken.push(`${at}: ${subnormal} samples are subnormal`);
    if (!(rms > 0)) broken.push(`${at}: silence`);
    if (digest !== first.digest) broken.push(`${at}: expected the bits of the first, got others`);
    if (!(Math.abs(offset) < MOST_OFFSET)) broken.push(`${at}: an offset of ${offset} a minute later`);
    if (pluck % Math.ceil(plucks / ROWS) === 0 || pluck === plucks - 1) {
      const hours = Math.round((100 * (pluck + 1) * everySeconds) / 3600) / 100;
      const silent = Math.round(silentFrom / model.sampleRate);
      rows.push({
        hours,
        "rms dB": round(20 * Math.log10(rms)),
        offset: offset.toExponential(1),
        "silent after s": silent,
        bits: digest,
      });
      tell(`${hours} h`);
    }
  }
  if (string.brokenSamples > 0) broken.push(`${string.brokenSamples} samples broke inside`);
  return { what: `${plucks * everySeconds} s of sound, a pluck every ${everySeconds} s`, rows, broken };
}

const round = (x: number) => Math.round(1000 * x) / 1000;
