// What a person can get wrong who trains: one line on standard error, exit code 2, nothing on standard output, nothing on disk.
import { beforeAll, describe, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { type BadInput, expectRefusal, makeBadFiles } from "../support/bad-files.ts";

const folder = temporaryFolder();
beforeAll(() => makeBadFiles(folder));

const tiny = ["--config", "tiny.json"];
const train = (...args: string[]) => ["train", ...args, ...tiny];
const passive = (...settings: string[]) => ["train", "a.wav", ...settings.flatMap((s) => ["--set", s])];
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
