// What a person can get wrong who plays and measures: one line on standard error, exit code 2, nothing on standard output, nothing on disk.
import { beforeAll, describe, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { type BadInput, expectRefusal, makeBadFiles, makeBadPassiveModels } from "../support/bad-files.ts";

const folder = temporaryFolder();
const passives = temporaryFolder();
beforeAll(() => makeBadFiles(folder));

const model = (file: string) => ["render", "--model", file, "--init", "a.wav", "--out", "out.wav"];

const table: BadInput[] = [
  [
    "a missing model",
    model("none.safetensors"),
    "none.safetensors: expected a model file (model.safetensors), got nothing there; check the path",
  ],
  ["a sound for a model", model("b.wav"), /^b\.wav: .*the file is damaged or not a safetensors file$/],
  [
    "a corrupted model",
    model("corrupted.safetensors"),
    "corrupted.safetensors: its header is not JSON; the file is damaged or not a safetensors file",
  ],
  [
    "another's safetensors",
    model("foreign.safetensors"),
    /^foreign\.safetensors: no "neural-string" in its metadata/,
  ],
  [
    "a model that claims more than it holds",
    model("claims.safetensors"),
    /^claims\.safetensors: tensor "layers\.0\.bias": expected data up to byte 84, got a file that ends at 80/,
  ],
  [
    "a header of 2^60 bytes",
    model("huge.safetensors"),
    /^huge\.safetensors: its header claims 1152921504606846976 bytes, the file has \d+;/,
  ],
  [
    "weights that are no numbers",
    model("nan.safetensors"),
    /^nan\.safetensors: layers\.1\.weight: expected finite numbers, got NaN at 7/,
  ],
  [
    "too few initial samples",
    [...model("good/model.safetensors"), "--init-samples", "37"],
    "initial samples: expected 38 (the longest delay) to 24000 (the recording), got 37",
  ],
  [
    "too few initial samples to tune to",
    [...model("passive.safetensors"), "--tune", "auto", "--init-samples", "40"],
    "initial samples: expected 65 (the longest delay) to 24000 (the recording), got 40",
  ],
  [
    "two pitches at once",
    [...model("passive.safetensors"), "--tune", "auto", "--f0", "150"],
    "--tune auto: expected no --f0 beside it; leave one out",
  ],
  [
    "no initial samples",
    ["render", "--model", "good/model.safetensors"],
    /^model\.safetensors: a classic string stores no excitation; .*--init/,
  ],
  [
    "a render of years",
    [...model("good/model.safetensors"), "--seconds", "1e9"],
    /expected a number from 0\.001 to 3600\.$/,
  ],
  [
    "a pitch above the taps",
    [...model("good/model.safetensors"), "--f0", "3900"],
    /^--f0 3900: at this pitch \d+ of the model's 21 taps fall below one sample/,
  ],
  [
    "an output in no folder",
    [...model("good/model.safetensors"), "--out", "no/out.wav"],
    "no/out.wav: cannot be written: its folder does not exist; make it first",
  ],
  [
    "nothing to evaluate",
    ["evaluate", "--target", "a.wav"],
    "evaluate: expected either --model F or --render R.wav, and one of them only",
  ],
  [
    "a target of a package that is not there",
    ["evaluate", "--render", "a.wav", "--target", "npm:nothing/a.wav"],
    "npm:nothing/a.wav: the package nothing is not installed; add it with pnpm add, or name a file",
  ],
  ["a target without a pitch", ["evaluate", "--render", "a.wav", "--target", "noise.wav"], /^noise\.wav: /],
  ["a pitch no string has", ["generate", "ks", "--f0", "30000"], /^generate ks: f0: expected a period of 8/],
  ["a run that is not there", ["runs", "keep", "7", "kept"], "7: no such run in runs; there are none yet"],
];

describe("a command, given bad input", () => {
  test.concurrent.each(table)(
    "%s is one line, exit code 2, and leaves nothing",
    async (_, args, sentence) => {
      await expectRefusal(folder, args, sentence);
    },
  );
});

describe("pnpm inspect, given a bad passive model", () => {
  test.concurrent.each(makeBadPassiveModels(passives))(
    "%s is one line, exit code 2, and leaves nothing",
    async (_, args, sentence) => {
      await expectRefusal(passives, args, sentence);
    },
  );
});
