// What `pnpm train` makes of a config before a passive string is trained: its sizes, what cannot be trained, and what
// another model gives to start from.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type PassiveTrainConfig,
  readModelFile,
  type Tensor,
  TrainConfigSchema,
  UserError,
  writeModelFile,
} from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { passiveFile, withExcitations } from "@neural-string/trainer/core/passive/export";
import { Retuning } from "@neural-string/trainer/core/passive/tuning";
import type { TrainingState } from "@neural-string/trainer/core/train";
import type { SourcedRecording } from "@neural-string/trainer/sources";
import { preparePassive } from "@neural-string/trainer/train/prepare-passive";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../../support/audio-files.ts";
import { newCore } from "../../support/core-builds.ts";
import { SMALL_TUNING, smallFacts, smallParameters, smallString } from "../../support/passive-facts.ts";
import { recorder } from "../../support/training.ts";

const folder = temporaryFolder();

beforeAll(async () => {
  await chooseBackend("wasm");
});

function configOf(model: object = {}, sampleRate = 8000): PassiveTrainConfig {
  const stage = { name: "only", seconds: 0.3, batchSize: 1, share: 1, rate: 1, filters: "linear" };
  const weights = { waveWeight: 1, spectralWeight: 0.1, decayWeight: 0 };
  return TrainConfigSchema.parse({
    recordings: ["small.wav"],
    data: { sampleRate },
    model: { kind: "passive", taps: 64, ahead: 37, filters: 2, hidden: 5, hop: 64, ...model },
    training: { steps: 1, sequence: { stages: [{ ...stage, ...weights }], threads: 1 } },
  }) as PassiveTrainConfig;
}

function recordingOf(f0 = 160, sampleRate = 8000): SourcedRecording {
  const shared = { source: "small.wav", sha256: "0".repeat(64), offset: 0, onset: 0, notes: [] };
  return { ...shared, name: `${f0}.wav`, sampleRate, samples: smallString(), f0, inharmonicity: 2e-5 };
}

interface Request {
  model?: object;
  f0?: number;
  recordings?: SourcedRecording[];
  from?: string;
}

/** Prepare; nothing runs. */
function prepare({ model, f0 = 160, recordings = [recordingOf()], from }: Request = {}) {
  const config = configOf(model, recordings[0].sampleRate);
  return preparePassive({ config, name: "small", f0, core: newCore("simd"), trainedOn: recordings, from });
}

/** The state a training begins with: heard before any step. */
async function beginning(request: Request): Promise<TrainingState> {
  const training = prepare(request);
  const { callbacks, states } = recorder();
  try {
    await training.run(1, callbacks);
    return states[0].state;
  } finally {
    training.dispose();
  }
}

/** Write a model of the small string. @returns its path */
function writeSmall(name: string, filters: number, f0 = 160): string {
  const facts = { ...smallFacts(), tuning: { ...SMALL_TUNING, f0 } };
  const plucked = { name: "small.wav", samples: smallString(), f0, controls: [] };
  const path = join(folder, name);
  writeFileSync(
    path,
    writeModelFile(
      withExcitations(newCore("simd"), passiveFile(smallParameters(filters), facts), [plucked], 0.1),
    ),
  );
  return path;
}

describe("sizes", () => {
  test.each([
    // taps: the power of two nearest to half a period, 64 at least, 1024 at most
    { sampleRate: 44100, f0: 82.46, taps: 256, ahead: 190, period: 535 },
    { sampleRate: 48000, f0: 54.79, taps: 512, ahead: 380, period: 876 },
    { sampleRate: 8000, f0: 160, taps: 64, ahead: 37, period: 50 },
    { sampleRate: 44100, f0: 440, taps: 64, ahead: 47, period: 100 },
  ])(
    "$f0 Hz at $sampleRate Hz: $taps taps, $ahead of them ahead",
    ({ sampleRate, f0, taps, ahead, period }) => {
      const samples = new Float32Array(3 * sampleRate).map(
        (_, n) => 0.5 * Math.sin((2 * Math.PI * f0 * n) / sampleRate),
      );
      const recordings = [{ ...recordingOf(f0, sampleRate), samples }];
      const training = prepare({ model: { taps: null, ahead: null }, f0, recordings });
      expect(training.summary(7)).toBe(
        `passive, ${taps} taps around ${period} samples, 2 filters, 7 steps in 1 stages`,
      );
      expect(training.leastHistory).toBe(period - ahead + taps - 1);
      expect(training.wantedHistory).toBe(2 * training.leastHistory);
      training.dispose();
    },
  );

  test.each([
    [
      { taps: 32, ahead: 31 },
      "model.ahead: expected from 1 to 30, two less than model.taps, got 31; change it or give more taps",
    ],
    [
      { taps: 128, ahead: 49 },
      "model.ahead: expected from 1 to 48, two less than the period of 50 samples at f0 160.00 Hz and 8000 Hz, got 49; make it smaller",
    ],
  ])("%o is refused in one sentence", (model, message) => {
    expect(() => prepare({ model })).toThrow(new UserError(message));
  });

  test.each([
    { taps: 32, ahead: 1 },
    { taps: 32, ahead: 30 },
    { taps: 128, ahead: 48 },
  ])("with as many ahead as there may be, %o, it can be trained, exported and read", async (model) => {
    const training = prepare({ model });
    const { parameters } = await training.run(1, recorder().callbacks);
    const { header } = readModelFile(writeModelFile(training.exported(parameters)), "small");
    expect(header).toMatchObject({ taps: model.taps });
    training.dispose();
  });

  test("a pitch that the player could not play is refused", () => {
    expect(() => prepare({ f0: 1001, recordings: [recordingOf(1001)] })).toThrow(
      new UserError(
        "f0: expected at most an eighth of the sample rate (1000 Hz) for a passive string, got 1001.00 Hz; use a higher data.sampleRate or a classic string",
      ),
    );
  });
});

describe("notes", () => {
  test("recordings within 40 cents are one note; others have tunings, excitations and controls of their own", () => {
    const recordings = [recordingOf(160), recordingOf(161.5), recordingOf(200)];
    const training = prepare({ model: { pitchControl: true }, recordings });
    const { header } = training.exported(smallParameters(2, 1));
    if (header.kind !== "passive") throw new Error("expected a passive string");
    expect(header.excitations.map(({ name, f0 }) => [name, f0])).toEqual([
      ["160.wav", 160],
      ["161.5.wav", 160],
      ["200.wav", 200],
    ]);
    const controls = header.excitations.map((excitation) => excitation.controls?.[0] ?? Number.NaN);
    expect(controls.slice(0, 2)).toEqual([0, 0]);
    expect(controls[2]).toBeCloseTo(Math.log2(200 / 160), 12);
    training.dispose();
  });
});

describe("several notes", () => {
  test.each([
    // a unit between two notes, and one between soft and loud filters
    [{ hidden: 2 }, "4 filters for 2 notes"],
    [
      { hidden: 1 },
      "4 filters for 2 notes, begun as one since 1 hidden units tell too few apart (2 would do)",
    ],
  ])("with %o begin as the summary says", (units, begun) => {
    const recordings = [recordingOf(160), recordingOf(200)];
    const training = prepare({ model: { pitchControl: true, filters: 4, ...units }, recordings });
    expect(training.summary(7)).toBe(`passive, 64 taps around 50 samples, ${begun}, 7 steps in 1 stages`);
    training.dispose();
  });

  test.each([{}, { pitchControl: true, filters: 1 }])(
    "without the pitch as a control are refused: %o",
    (model) => {
      const recordings = [recordingOf(160), recordingOf(161), recordingOf(200)];
      expect(() => prepare({ model, recordings })).toThrow(
        new UserError(
          "recordings: expected one note, got 160.wav 160.00 Hz, 161.wav 161.00 Hz, 200.wav 200.00 Hz; leave out those of another, or set model.pitchControl=true for one model of several notes, and model.filters to two a note (from 2 to 8)",
        ),
      );
    },
  );
});

describe("a warm start", () => {
  const same = (state: TrainingState, parameters: Map<string, Tensor>) => {
    for (const [name, { data }] of parameters) {
      // turns are part of the phases in a file
      if (name === "filters.turns" || name === "filters.phase") continue;
      expect(state.parameters.get(name)?.data, name).toEqual(data);
    }
  };

  test("of the same shape begins with the model's parameters", async () => {
    const state = await beginning({ from: writeSmall("mixture.safetensors", 2) });
    const parameters = smallParameters(2);
    same(state, parameters);
    const turns = parameters.get("filters.turns")?.data ?? [];
    const phase = parameters.get("filters.phase")?.data ?? [];
    state.parameters.get("filters.phase")?.data.forEach((x, i) => {
      expect(x).toBeCloseTo(phase[i] + 2 * Math.PI * turns[i % turns.length], 4);
    });
    expect(state.parameters.get("filters.turns")?.data.every((x) => x === 0)).toBe(true);
  });

  test("from a linear string begins a mixture's linear stages", async () => {
    const state = await beginning({ from: writeSmall("linear.safetensors", 1) });
    same(state, smallParameters(1));
    expect(state.parameters.has("mixture.hidden.weight")).toBe(false);
  });

  test("from a string of the same sizes at another pitch begins with it re-tuned", async () => {
    const state = await beginning({ from: writeSmall("flat.safetensors", 1, 159) });
    const parameters = smallParameters(1);
    const retuning = new Retuning({ ...SMALL_TUNING, f0: 159 }, SMALL_TUNING);
    const row = (name: string) => Float64Array.from(parameters.get(name)?.data.subarray(33) ?? []);
    const turns = parameters.get("filters.turns")?.data ?? [];
    const phase = row("filters.phase").map((x, k) => x + 2 * Math.PI * turns[k]);
    const expected = retuning.apply({ logDamping: row("filters.logDamping"), phase });
    for (const name of ["logDamping", "phase"] as const) {
      state.parameters
        .get(`filters.${name}`)
        ?.data.subarray(33)
        .forEach((x, k) => {
          expect(x, `${name}[${k}]`).toBeCloseTo(expected[name][k], 5);
        });
    }
  });

  test.each([
    [{ taps: 32, ahead: 20 }, "32 taps, 20 ahead, 2 filters, 5 hidden units, 0 controls"],
    [{ ahead: 36 }, "64 taps, 36 ahead, 2 filters, 5 hidden units, 0 controls"],
    [{ filters: 3 }, "64 taps, 37 ahead, 3 filters, 5 hidden units, 0 controls"],
    [{ hidden: 6 }, "64 taps, 37 ahead, 2 filters, 6 hidden units, 0 controls"],
    [{ pitchControl: true }, "64 taps, 37 ahead, 2 filters, 5 hidden units, 1 controls"],
    [{ filters: 1 }, "64 taps, 37 ahead, 1 filters"],
  ])("of another shape than %o is refused in one sentence", (model, expected) => {
    const from = writeSmall("mixture.safetensors", 2);
    const got = "64 taps, 37 ahead, 2 filters, 5 hidden units, 0 controls";
    expect(() => prepare({ model, from })).toThrow(
      new UserError(
        `--from ${from}: expected a string of this config's shape (${expected}), got ${got}; change the config's model to match`,
      ),
    );
  });
});
