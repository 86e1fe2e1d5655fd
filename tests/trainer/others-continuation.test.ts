// What other recordings tell of one: partials that beat go on as they did, at whatever size and phase; nothing else is known.
import { UserError } from "@neural-string/shared";
import { compareSounds, type JudgedRecording } from "@neural-string/trainer/judge";
import { describe, expect, test } from "vitest";
import { othersContinuation } from "../../packages/trainer/bench/others-continuation.ts";
import type { SourcedRecording } from "../../packages/trainer/src/sources.ts";

const SAMPLE_RATE = 11025;
const F0 = 110;
const START = 2000;

interface Played {
  /** Share of the slower of each partial's two modes, and turns that all begin with. */
  share?: number;
  turns?: number;
  size?: number;
  seconds?: number;
  onset?: number;
}

/** Twelve partials, each two modes 0.4 Hz apart, the second dying three times as slowly. */
function sound({ share = 0.4, turns = 0, size = 1, seconds = 6, onset = 0 }: Played): Float32Array {
  const x = new Float32Array(onset + seconds * SAMPLE_RATE);
  for (let n = onset; n < x.length; n++) {
    const t = (n - onset) / SAMPLE_RATE;
    for (let k = 1; k <= 12; k++) {
      const mode = (hz: number, damping: number) =>
        Math.exp(-damping * k * t) * Math.cos(2 * Math.PI * (hz * t + turns));
      const both = (1 - share) * mode(k * F0, 0.6) + share * mode(k * F0 + 0.4, 0.2);
      x[n] += (size / k) * both;
    }
  }
  return x;
}

function other(played: Played): SourcedRecording {
  return {
    name: "other.wav",
    source: "other.wav",
    sha256: "",
    sampleRate: SAMPLE_RATE,
    samples: sound(played),
    offset: 0,
    onset: 0,
    f0: F0,
    notes: [],
  };
}

function judged(played: Played): JudgedRecording {
  return { name: "judged.wav", samples: sound(played), onset: played.onset ?? 0, f0: F0 };
}

function distance(others: Played[], heard: Played, skip = START) {
  const recording = judged(heard);
  const [seconds, frames] = [3, 3 * SAMPLE_RATE];
  const render = othersContinuation(others.map(other), 0, recording, { skip, frames });
  const known = { recording: recording.name, seenInTraining: false, skip, f0: F0, seconds, brokenSamples: 0 };
  return compareSounds(render, recording.samples.subarray(skip), SAMPLE_RATE, known).metrics;
}

describe("the others' continuation", () => {
  test("knows nothing of what comes", () => {
    const recording = judged({ size: 0.5 });
    const render = (samples: Float32Array) =>
      othersContinuation(
        [other({}), other({ share: 0.3 })],
        0,
        { ...recording, samples },
        { skip: START, frames: 9000 },
      );
    const whole = render(recording.samples);
    expect(render(recording.samples.subarray(0, START))).toEqual(whole);
    expect(render(recording.samples.map((x, n) => (n < START ? x : -3 * x)))).toEqual(whole);
  });

  test("of the same string, softer, at other phases and later in its file: as it goes on", () => {
    const { edrDb, edcDb, partialDb, cents } = distance(
      [{}],
      { size: 0.3, turns: 0.3, onset: 777 },
      START + 777,
    );
    // beats of 2.5 s are followed; what is left is where partials meet in a window of four periods
    expect(edrDb).toBeLessThan(0.1);
    expect(edcDb).toBeLessThan(0.02);
    expect(partialDb).toBeLessThan(0.1);
    expect(cents).toBeLessThan(0.05);
  });

  test("of strings that were plucked otherwise: as far off as those are from each other", () => {
    const { edcDb } = distance([{ share: 0.6 }], {});
    expect(edcDb).toBeGreaterThan(0.5);
    // a pluck on either side of it tells more than one on one side
    expect(distance([{ share: 0.6 }, { share: 0.2 }], {}).edcDb).toBeLessThan(edcDb / 2);
  });

  test.each([
    [
      {},
      { onset: START },
      `judged.wav: expected a start after its onset (sample ${START}), got ${START}; start later`,
    ],
    [
      { seconds: 2 },
      {},
      `judged.wav: expected other recordings of ${START + 3 * SAMPLE_RATE} samples or more, got ${2 * SAMPLE_RATE}; judge fewer seconds`,
    ],
  ])("%j of %j is refused", (others, heard, message) => {
    expect(() => distance([others], heard)).toThrow(new UserError(message));
  });
});
