/**
 * `pnpm generate stability`: sounds that blew a model up, continued by a stable one, as training data. Each file begins
 * with exactly as much of the unstable sound as the stable string wants for its past, so that a network with the same
 * taps predicts nothing but the continuation.
 *
 *   unstable sound  .....~~~~~~[ past ]~~~~~~~~~~~~
 *   written                    [ past ][ continuation by the stable string ]
 */
import { extname } from "node:path";
import { GUARD_HEADROOM } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import { readRecording } from "../audio/read-recording.ts";
import { encodeWav } from "../audio/wav.ts";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { checkOutput } from "../output-file.ts";
import { pathOf } from "../sources.ts";
import { openModel } from "../string-model.ts";
import { playString } from "../string-player.ts";
import { line, short, type Terminal } from "../terminal.ts";

export interface StabilityRequest {
  model: string;
  from: string;
  /** Seconds into the unstable sound; default: chosen. */
  at?: number[];
  /** Of each continuation. */
  seconds: number;
  guard: boolean;
  channel: number;
  out: string;
}

/** Places that are chosen where nobody names any. */
const PLACES = 4;
/** A sound that has grown by this much over how it began is going wrong (energy ratio: 3 dB). */
const GROWN = 2;
/** A continuation whose end is stronger than its past by more than the energy guard would allow is not stable. */
const MOST_GROWTH = GUARD_HEADROOM;
/** Louder than this is no past for any string (linear amplitude). */
const LOUDEST = 1;

/** Write the files. @throws UserError where the sound is too short or the model is not stable on it */
export async function generateStability(request: StabilityRequest, terminal: Terminal): Promise<number> {
  if (request.at?.every(Number.isFinite) === false) {
    throw new UserError("--at: expected seconds with commas between them, as 1.5,3, got something else");
  }
  const file = openModel(request.model);
  const { resonator, f0 } = playString(loadCore(), file);
  const { sampleRate } = file.header;
  const { samples, name } = await readRecording(pathOf(request.from), {
    channel: request.channel,
    targetSampleRate: sampleRate,
    mayBeBroken: true, // it is about sounds that blew up
  });
  const history = resonator.wantedHistory;
  const places =
    request.at === undefined
      ? choosePlaces(samples, history, Math.round(sampleRate / f0), PLACES)
      : request.at.map((seconds) => Math.round(seconds * sampleRate));
  const outs = places.map((_, i) => (places.length === 1 ? request.out : numbered(request.out, i + 1)));
  for (const out of outs) checkOutput(out, [request.model, request.from]);
  const frames = Math.round(request.seconds * sampleRate);
  places.forEach((place, i) => {
    if (!(place >= history && place <= samples.length)) {
      const seconds = (count: number) => (count / sampleRate).toFixed(3);
      throw new UserError(
        `--at ${short(place / sampleRate)}: expected ${seconds(history)} (the string's past) to ${seconds(samples.length)} s (the sound ${name}), got another; name a place in between`,
      );
    }
    const past = samples.subarray(place - history, place).map((x) => (Number.isFinite(x) ? x : 0));
    const written = new Float32Array(history + frames);
    written.set(past);
    resonator.excite(past, { guardHeadroom: request.guard ? GUARD_HEADROOM : 0 });
    resonator.process(written, history);
    const meanSquare = (x: Float32Array) => energy(x) / x.length;
    const end = written.subarray(history + ((3 * frames) >> 2));
    const isGrowing = !request.guard && meanSquare(end) > MOST_GROWTH * meanSquare(past);
    if (resonator.brokenSamples > 0 || isGrowing) {
      throw new UserError(
        `${request.model}: this string blows up as well at ${short(place / sampleRate)} s of ${name}; use a stable one, an earlier place (--at), or --guard`,
      );
    }
    const out = outs[i];
    writeWhole(out, encodeWav(written, sampleRate));
    terminal.say(
      `${line(out)}: ${history} samples of ${line(name)} up to ${short(place / sampleRate)} s, then ${short(request.seconds)} s of the stable string`,
    );
    terminal.emit({ type: "generate", out, from: name, at: place / sampleRate, past: history, frames });
  });
  return 0;
}

/**
 * Choose where a stable string takes over: evenly from the period that is first twice as strong as the sound's first
 * ones to the loudest that is no louder than full scale. A sound that never grows is taken evenly from its whole length.
 * @param history samples that must lie before a place
 * @returns samples, ascending
 * @throws UserError where the sound is too short for any
 */
export function choosePlaces(
  samples: Float32Array,
  history: number,
  period: number,
  count: number,
): number[] {
  const periods = Math.floor((samples.length - history) / period);
  if (periods < 1) {
    throw new UserError(
      `--from: expected more than ${history + period} samples (the string's past and a period), got ${samples.length}; use a longer sound`,
    );
  }
  const strength = Array.from({ length: periods }, (_, i) => {
    const end = history + (i + 1) * period;
    return energy(samples.subarray(end - period, end)) / period;
  });
  const bearable = strength.map((e) => (Number.isFinite(e) && e <= LOUDEST ** 2 ? e : -1));
  const loudest = bearable.indexOf(Math.max(...bearable));
  const grown = strength.findIndex((e) => e > GROWN * strength[0]);
  const [from, to] = grown < 0 || loudest < grown ? [0, periods - 1] : [grown, loudest];
  const chosen = Array.from({ length: count }, (_, i) =>
    Math.round(from + ((to - from) * i) / Math.max(1, count - 1)),
  );
  return [...new Set(chosen)].map((i) => history + (i + 1) * period);
}

function energy(x: Float32Array): number {
  return x.reduce((sum, v) => sum + v * v, 0);
}

/** The name of one of several files. */
export function numbered(path: string, number: number): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${number}${extension}`;
}
