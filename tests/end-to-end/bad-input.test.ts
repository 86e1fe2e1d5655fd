// What a person can get wrong who trains: one line on standard error, exit code 2, nothing on standard output, nothing on disk.
import { cpSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { type BadInput, expectRefusal, makeBadFiles } from "../support/bad-files.ts";
import { lines, run } from "../support/cli.ts";

const folder = temporaryFolder();
beforeAll(() => makeBadFiles(folder));

const tiny = ["--config", "tiny.json"];
const train = (...args: string[]) => ["train", ...args, ...tiny];
const passive = (...settings: string[]) => ["train", "a.wav", ...settings.flatMap((s) => ["--set", s])];
const sweep = [
  "sweep",
  ...tiny,
  "--recordings",
  "a.wav",
  "--over",
  "training.batchSize=16,32",
  "--steps",
  "2",
];
const taps = (pattern: object[]) => `model.tapPattern=${JSON.stringify(pattern)}`;

const table: BadInput[] = [
  [
    "a missing file",
    train("nothing.wav"),
    "nothing.wav: no such file (looked for nothing.wav); check the path",
  ],
  ["a folder", train("occupied"), "occupied: is a folder; expected an audio file; name the file in it"],
  [
    "a text",
    train("text.wav"),
    /^text\.wav: not an audio file we can read \(starts with 'this'\); expected WAV/,
  ],
  [
    "an empty file",
    train("empty.wav"),
    "empty.wav: the file is empty (0 bytes); export or download it again",
  ],
  ["silence", train("silent.wav"), /^silent\.wav: is silent/],
  ["a clipped note", train("clipped.wav"), /^clipped\.wav: .*clipp?/],
  ["a note too short", train("short.wav"), /^short\.wav: .*0\.1\d s/],
  [
    "samples that are no numbers",
    train("broken.wav"),
    /^broken\.wav: sample 5000 is NaN; expected finite numbers/,
  ],
  ["noise without a pitch", train("noise.wav"), /^noise\.wav: .*--f0/],
  ["a bad one among good ones", train("a.wav", "noise.wav"), /^noise\.wav: /],
  [
    "a recording given twice",
    train("a.wav", "./a.wav"),
    "a.wav: it is given twice; expected every recording once; leave one out",
  ],
  [
    "two budgets",
    train("a.wav", "--steps", "2", "--minutes", "1"),
    "--minutes, --steps: expected one of them, got both; leave one out",
  ],
  ["no f0 that could be", train("a.wav", "--f0", "3000"), /^a\.wav: --f0 is 3000; expected 10 to 2000 Hz/],
  ["a missing channel", train("a.wav", "--channel", "1"), /^a\.wav: channel 1 does not exist/],
  [
    "an unknown loss",
    train("a.wav", "--set", "training.loss.name=msa"),
    'tiny.json: training.loss.name: expected one of mse, relative_mse, relative_l1, relative_l1_with_penalty, energy_l1, energy_l1_with_penalty, log_magnitude, window_normalized_mse, inverse_rms_mse, si_snr, got "msa"; did you mean "mse"?',
  ],
  ["an unknown key", train("a.wav", "--set", "training.bachSize=3"), /did you mean "batchSize"\?/],
  [
    "a value of another type",
    train("a.wav", "--set", "training.batchSize=many"),
    /expected a (whole )?number, got "many"/,
  ],
  [
    "a missing config",
    ["train", "a.wav", "--config", "none.json"],
    /^none\.json: expected a config file or one of karplus-strong, piano-a1/,
  ],
  ["a config that is not JSON", ["train", "a.wav", "--config", "not.json"], /^not\.json: expected JSON/],
  [
    "a config that is a list",
    ["train", "a.wav", "--config", "list.json"],
    /^list\.json: expected a JSON object/,
  ],
  [
    "a config with a bad part",
    ["train", "a.wav", "--config", "number.json", "--steps", "1"],
    /^number\.json: training: expected an object, got 5$/,
  ],
  [
    "a name that no file has, in a config",
    ["train", "--config", "nul.json"],
    'nul.json: recordings.0: expected a file\'s name without the character U+0000, got "\\u0000.wav"',
  ],
  ...["judge.recordings", "data.stability", "data.harmonics"].map(
    (field): BadInput => [
      `a name that no file has, in ${field}`,
      train("a.wav", "--set", `${field}=["x\\u0000"]`),
      `tiny.json: ${field}.0: expected a file's name without the character U+0000, got "x\\u0000"`,
    ],
  ),
  [
    "a name that no file has, in a sweep",
    ["sweep", "--config", "nul.json", "--over", "training.batchSize=16,32", "--steps", "2"],
    'sweep: recordings.0: expected a file\'s name without the character U+0000, got "\\u0000.wav"',
  ],
  [
    "no taps left",
    train("a.wav", "--set", taps([{ periodFraction: 0, before: 3, after: 0 }])),
    /^model\.tapPattern: expected a delay of 1 sample or more, got none at f0 2/,
  ],
  [
    "a delay twice",
    train(
      "a.wav",
      "--set",
      taps([
        { periodFraction: 1, before: 3, after: 0 },
        { periodFraction: 1, before: 0, after: 2 },
      ]),
    ),
    /^model\.tapPattern: the delay of 36 samples is there twice at f0 2/,
  ],
  [
    "taps that are no power of two",
    passive("model.taps=48"),
    "config: model.taps: expected a power of two, got 48",
  ],
  [
    "more taps ahead than there are",
    passive("model.taps=32", "model.ahead=32"),
    /^model\.ahead: expected from 1 to 30, two less than model\.taps, got 32; /,
  ],
  [
    "taps ahead of what has not sounded",
    passive("model.taps=64", "model.ahead=36"),
    /^model\.ahead: expected from 1 to 34, two less than the period of 36 samples at f0 2\d\d\.\d\d Hz and 8000 Hz, got 36; /,
  ],
  [
    "an unknown field of a stage",
    passive("training.sequence.stages.0.second=0.2"),
    /^config: training\.sequence\.stages\.0\.second: unknown key; did you mean "seconds"\?/,
  ],
  [
    "a classic string's layers in a passive one",
    passive("model.hidden.0.units=64"),
    'config: model.hidden: expected a number where model.kind is "passive", got a list of 1; for that set model.kind to "classic"',
  ],
  [
    "too many stretches",
    train("a.wav", "--set", "selection.stretches=32"),
    /^recording 1: expected at least 32\.\d\d s of decay/,
  ],
  [
    "a judge that was trained on",
    train("a.wav", "--judge", "copy.wav"),
    /^copy\.wav: it is among both the training recordings and the judges/,
  ],
  [
    "a judge that starts too early",
    train("a.wav", "--judge", "b.wav", "--set", "judge.skip=5"),
    "judge b.wav: initial samples: expected 38 (the longest delay) to 24000 (the recording), got 5",
  ],
  [
    "a judge that starts too late",
    train("a.wav", "--judge", "b.wav", "--set", "judge.skip=23000"),
    /^judge b\.wav: stretch to compare: expected at least 2048 samples at 8000 Hz, got 1000/,
  ],
  [
    "a run folder that exists",
    train("a.wav", "--run-dir", "occupied"),
    "occupied: expected no such folder yet, got one; a run is never overwritten: choose another --run-dir",
  ],
  [
    "an absent backend",
    train("a.wav", "--backend", "tensorflow"),
    /^--backend tensorflow: its native library is not installed/,
  ],
  [
    "a start of another shape",
    train("a.wav", "--from", "good/model.safetensors", "--set", "model.bias=true"),
    /^--from good\/model\.safetensors: expected a network of this config's shape \(21 inputs, layers 8 tanh, 1 linear, with biases\)/,
  ],
  ["a misspelt option", train("a.wav", "--stpes", "3"), "unknown option '--stpes' (Did you mean --steps?)"],
  [
    "a number that is none",
    train("a.wav", "--steps", "many"),
    /argument 'many' is invalid\. expected a whole number from 1 on\.$/,
  ],
  ...[
    ["runs"],
    ["report"],
    ["runs", "keep", "1", "kept"],
    ["train", "--resume", "1"],
    ["experiments", "--show"],
    ["experiments", "--only", "ks-linear", "--steps", "2"],
  ].map(
    (args): BadInput => [
      `a file for a folder of runs, to ${args.join(" ")}`,
      [...args, "--runs", "text.wav"],
      "text.wav: expected a folder for runs, got a file; choose another --runs",
    ],
  ),
  [
    "runs below a file",
    ["experiments", "--only", "ks-linear", "--steps", "2", "--runs", "text.wav/e"],
    "text.wav/e: cannot be written: a part of its path is a file; choose another folder",
  ],
  [
    "a sweep below a file",
    [...sweep, "--folder", "text.wav/s"],
    /\/text\.wav\/s\/sweep\.lock: cannot be written: a part of its path is a file; choose another folder$/,
  ],
  ...[sweep, ["sweep", "worker", "--queue", "redis://nowhere"], ["laws"]].map(
    (args): BadInput => [
      `a billion workers of ${args.slice(0, 2).join(" ")}`,
      [...args, "--workers", "1e9"],
      "option '--workers <n>' argument '1e9' is invalid. expected a whole number from 1 to 256.",
    ],
  ),
  ...[
    ["generate", "ks", "--f0", "220", "--out"],
    ["render", "--model", "good/model.safetensors", "--out"],
    ["report", "--out"],
  ].map(
    (args): BadInput => [
      `an empty name to ${args[0]}`,
      [...args, ""],
      "option '--out <file>' argument '' is invalid. expected a name, got an empty text.",
    ],
  ),
  [
    "something below a file",
    ["inspect", "good/run.json/x"],
    "good/run.json/x: expected a model file or a recording, got nothing there (a part of its path is a file); check the path",
  ],
  ["a misspelt command", ["trian"], "unknown command 'trian' (Did you mean train?)"],
];

describe("train, given bad input", () => {
  test.concurrent.each(table)(
    "%s is one line, exit code 2, and leaves nothing",
    async (_, args, sentence) => {
      await expectRefusal(folder, args, sentence);
    },
  );
});

describe("a damaged run", () => {
  const fill = (parent: string, names: string[]) => {
    for (const name of names) {
      cpSync(join(folder, "good"), join(folder, parent, name), { recursive: true });
      if (name.endsWith("bad")) writeFileSync(join(folder, parent, name, "run.json"), "{");
    }
  };
  const note = /^note .*0002-bad\/run\.json: expected JSON, got something else .*\n$/;

  test("is noted, and the others are listed and compared", async () => {
    fill("some", ["0001-good", "0002-bad", "0003-good"]);
    const listed = await run(folder, "runs", "--runs", "some");
    expect(listed).toMatchObject({ code: 0, stderr: expect.stringMatching(note) });
    expect(lines(listed.stdout).map((line) => line.split(" ")[0])).toEqual(["run", "0001-good", "0003-good"]);
    const told = await run(folder, "report", "--runs", "some", "--out", "some.html", "--details", "0");
    expect(told).toMatchObject({
      code: 0,
      stdout: "some.html: 2 runs, 0 of them in full\n",
      stderr: expect.stringMatching(note),
    });
  });

  test("where all are, nothing is made of them, exit code 2", async () => {
    fill("none", ["0001-bad", "0002-bad"]);
    for (const args of [["runs"], ["report", "--out", "none.html"]]) {
      const { code, stdout, stderr } = await run(folder, ...args, "--runs", "none");
      expect([code, stdout]).toEqual([2, ""]);
      expect(lines(stderr).map((line) => line.slice(0, 5))).toEqual(["note ", "note ", "none:"]);
      expect(lines(stderr)[2]).toBe(
        "none: expected a run that can be read, got 2 damaged; mend what the notes name, or remove it",
      );
    }
    expect(existsSync(join(folder, "none.html"))).toBe(false);
  });
});
