/**
 * What the other recordings of a string tell about one, with no model in between: every partial goes on as it did in them
 * on average, pitch included, from the size and the phase it has in the newest periods of what is heard. A model that knew
 * its recordings by heart, and nothing else, would sound like this; `ablation.ts` sets it beside the strings.
 *
 *   z_k(t) = z_k(t0) exp(mean over the others of ln(y_k(t) / y_k(t0)))        y_k: the partial, shifted to 0 Hz
 */
import { UserError } from "@neural-string/shared";
import { wrapped } from "../src/core/passive/spectral-form.ts";
import type { JudgedRecording } from "../src/judge.ts";
import type { SourcedRecording } from "../src/sources.ts";

/** Partials that are followed, up to this part of the sample rate. */
const PARTIALS = 64;
const HIGHEST = 0.45;
/** A window of so many periods has its nulls at the other partials. */
const PERIODS = 4;
/** Samples from one look at a partial to the next. */
const HOP = 256;

/** One partial over time, from where it is first looked at: logarithm of its growth, and how far its phase has turned. */
interface Followed {
  growth: Float64Array;
  turned: Float64Array;
}

/**
 * A recording as the others say that it goes on.
 * @param others from the onset on, of the recording's sample rate
 * @param inharmonicity B of the string
 * @param skip samples of the recording, from the start of its file, that are heard
 * @returns [frames], from sample `skip` on
 * @throws UserError where the recordings are too short to be followed for so long
 */
export function othersContinuation(
  others: readonly SourcedRecording[],
  inharmonicity: number,
  { name, samples, onset }: Pick<JudgedRecording, "name" | "samples" | "onset">,
  { skip, frames }: { skip: number; frames: number },
): Float32Array {
  if (skip <= onset) {
    throw new UserError(
      `${name}: expected a start after its onset (sample ${onset}), got ${skip}; start later`,
    );
  }
  const shortest = Math.min(...others.map((other) => other.samples.length));
  if (shortest < skip - onset + frames) {
    throw new UserError(
      `${name}: expected other recordings of ${skip - onset + frames} samples or more, got ${shortest}; judge fewer seconds`,
    );
  }
  const { sampleRate } = others[0];
  // its own pitch was measured over the whole recording, and what comes is not to be known
  const f0 = Math.exp(others.reduce((sum, other) => sum + Math.log(other.f0), 0) / others.length);
  const heard = samples.subarray(onset, skip);
  const window = Math.min(heard.length, Math.round((PERIODS * sampleRate) / f0));
  const middle = heard.length - Math.ceil(window / 2);
  const looks = Math.ceil((heard.length - middle + frames) / HOP) + 2;
  const render = new Float32Array(frames);
  for (let partial = 1; partial <= PARTIALS; partial++) {
    const ratio = partial * Math.sqrt(1 + inharmonicity * partial * partial);
    if (ratio * f0 > HIGHEST * sampleRate) break;
    const followed = others.map((other) =>
      follow(other.samples, (ratio * other.f0) / sampleRate, middle, looks, window),
    );
    const growth = meanOf(followed.map(({ growth }) => growth));
    const turned = meanOf(followed.map(({ turned }) => turned));
    const cycles = (ratio * f0) / sampleRate;
    const [re, im] = look(heard, middle, cycles, window);
    const [size, phase] = [2 * Math.hypot(re, im), Math.atan2(im, re)];
    for (let n = 0; n < frames; n++) {
      const at = heard.length - middle + n;
      const i = Math.floor(at / HOP);
      const part = at / HOP - i;
      const between = (x: Float64Array) => x[i] + part * (x[i + 1] - x[i]);
      const angle = 2 * Math.PI * cycles * at + phase + between(turned);
      render[n] += size * Math.exp(between(growth)) * Math.cos(angle);
    }
  }
  return render;
}

function meanOf(tracks: readonly Float64Array[]): Float64Array {
  return tracks[0].map((_, i) => tracks.reduce((sum, track) => sum + track[i], 0) / tracks.length);
}

/** Follow a partial from a sample on, HOP by HOP. */
function follow(x: Float32Array, cycles: number, from: number, looks: number, window: number): Followed {
  const growth = new Float64Array(looks);
  const turned = new Float64Array(looks);
  const inLogarithm = (i: number) => {
    const [re, im] = look(x, from + i * HOP, cycles, window);
    return { logSize: Math.log(Math.max(Number.MIN_VALUE, Math.hypot(re, im))), phase: Math.atan2(im, re) };
  };
  let now = inLogarithm(0);
  for (let i = 1; i < looks; i++) {
    const next = inLogarithm(i);
    growth[i] = growth[i - 1] + next.logSize - now.logSize;
    // beyond what the partial turns by itself within a hop: little, so whole turns are none
    turned[i] = turned[i - 1] + wrapped(next.phase - now.phase - 2 * Math.PI * cycles * HOP);
    now = next;
  }
  return { growth, turned };
}

/** A partial's amplitude around a sample, its phase as it is there. Half the amplitude of a real sine. */
function look(x: Float32Array, middle: number, cycles: number, window: number): [re: number, im: number] {
  const half = Math.floor(window / 2);
  const [stepRe, stepIm] = [Math.cos(2 * Math.PI * cycles), -Math.sin(2 * Math.PI * cycles)];
  let [c, s] = [Math.cos(2 * Math.PI * cycles * half), Math.sin(2 * Math.PI * cycles * half)];
  let [re, im, weights] = [0, 0, 0];
  for (let n = -half; n < half; n++) {
    const weight = 0.5 + 0.5 * Math.cos((Math.PI * n) / half);
    const sample = x[middle + n] ?? 0;
    re += weight * sample * c;
    im += weight * sample * s;
    weights += weight;
    [c, s] = [c * stepRe - s * stepIm, c * stepIm + s * stepRe];
  }
  return [re / weights, im / weights];
}
