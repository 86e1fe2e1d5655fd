// What the page hands to its training worker is, to the last bit, what `pnpm train` reads of the same file: its checks,
// onset, pitch and stiffness are the trainer's, so that both begin alike.

import { join } from "node:path";
import { preflight } from "@neural-string/playground/make/preflight";
import { readRecording } from "@neural-string/trainer/audio/read-recording";
import { loadCore } from "@neural-string/trainer/core-build";
import { readSource } from "@neural-string/trainer/sources";
import { describe, expect, test } from "vitest";
import { learnedNotes } from "../../../packages/playground/src/make/learned-notes.ts";
import { pianoNote, stratFolder } from "../../support/audio-files.ts";

/** As takes.ts hands a recording over whose handles nobody moved. */
async function handedOver(path: string) {
  const { name, samples, sampleRate } = await readRecording(path, { channel: 0 });
  const { stretch, f0, inharmonicity, isUsable } = preflight(samples, sampleRate, null, null);
  expect(isUsable, name).toBe(true);
  const part = samples.slice(stretch.start, stretch.end) as Float32Array<ArrayBuffer>;
  const known = { onset: 0, f0: f0 as number, inharmonicity: inharmonicity ?? undefined };
  return (await learnedNotes([{ name, samples: part, sampleRate, ...known }]))[0];
}

async function expectNodesNote(path: string): Promise<void> {
  const options = { channel: 0, sampleRate: null, f0: null, crop: "decay" } as const;
  const expected = await readSource(loadCore(), path, options);
  const note = await handedOver(path);
  expect([note.sampleRate, note.f0, note.inharmonicity]).toEqual([
    expected.sampleRate,
    expected.f0,
    expected.inharmonicity,
  ]);
  expect(note.samples.length).toBe(expected.samples.length);
  expect(note.samples.every((x, i) => Object.is(x, expected.samples[i]))).toBe(true);
}

describe("what the page hands over", () => {
  test("of a piano note", () => expectNodesNote(pianoNote(8, "A1")), 180_000);

  test.skipIf(!stratFolder)(
    "of a guitar's low E (../shared/data/strat-low-e)",
    async () => {
      for (const name of ["2.wav", "3.wav", "4.wav"])
        await expectNodesNote(join(stratFolder as string, name));
    },
    180_000,
  );
});
