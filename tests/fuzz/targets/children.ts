/**
 * Command lines in earnest: a process each, in a folder with a recording, a model and files that are neither. It ends by
 * itself, with 0 or with 2 and one line; never with a stack, never with a file outside its folder.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeModelFile } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import fc from "fast-check";
import { expect } from "vitest";
import { knownString } from "../../support/audio-files.ts";
import { listFiles, start, writeTinyConfig } from "../../support/cli.ts";
import { makePassiveModel } from "../../support/passive-models.ts";
import type { Target } from "../target.ts";

interface ChildCase {
  args: string[];
}

const PATIENCE_MS = 120_000;

/** What lies in the folder; one of them lies about itself. */
function fill(folder: string): void {
  writeTinyConfig(folder);
  const sound = knownString({ f0: 220, seconds: 3, sampleRate: 8000 });
  writeFileSync(join(folder, "a.wav"), encodeWav(sound, 8000));
  writeFileSync(join(folder, "m.safetensors"), writeModelFile(makePassiveModel({ filters: 2 })));
  copyFileSync(join(folder, "m.safetensors"), join(folder, "m.wav"));
  writeFileSync(join(folder, "text.wav"), "a letter");
}

const COMMANDS: Record<string, string[][]> = {
  render: [["--model", "m.safetensors"]],
  evaluate: [["--model", "m.safetensors", "--target", "a.wav"]],
  "generate ks": [["--f0", "220", "--seconds", "0.5"]],
  "generate stiff": [["--f0", "220", "--seconds", "0.5"]],
  "generate stability": [["--model", "m.safetensors", "--from", "a.wav"]],
  inspect: [["m.safetensors"], ["a.wav"]],
  runs: [[], ["keep", "1", "kept"]],
  report: [[], ["1"]],
  // these would train for long
  experiments: [["--show"]],
  laws: [["--show"], ["--show", "batch-size"]],
  // begins nothing more after three seconds, whatever else is asked for
  sweep: [
    [
      ...["--config", "tiny.json", "--recordings", "a.wav", "--over", "training.batchSize=16,32"],
      ...["--steps", "2", "--minutes", "0.05", "--workers", "1"],
    ],
  ],
  // few steps, or it would take its two minutes; a budget of time beside them is refused
  train: [["a.wav", "--config", "tiny.json", "--steps", "2"]],
};

const OPTIONS: Record<string, string[]> = {
  render: [
    "--init",
    "--init-samples",
    "--seconds",
    "--excitation",
    "--f0",
    "--tune",
    "--control",
    "--feature",
  ],
  evaluate: ["--skip", "--seconds", "--f0", "--tune", "--channel", "--render"],
  "generate ks": ["--f0", "--sample-rate", "--seconds", "--t60", "--damping", "--level", "--seed"],
  "generate stiff": ["--f0", "--t60", "--inharmonicity", "--detune-cents", "--second-t60-ratio", "--level"],
  "generate stability": ["--at", "--seconds", "--channel"],
  inspect: ["--json"],
  runs: ["--runs", "--json"],
  report: ["--runs", "--out", "--details", "--json"],
  experiments: ["--only", "--runs", "--strings", "--steps"],
  laws: ["--workers", "--minutes", "--json"],
  sweep: [
    "--over",
    "--search",
    "--metric",
    "--seed",
    "--runs",
    "--folder",
    "--resume",
    "--workers",
    "--set",
    "--judge",
  ],
  train: ["--set", "--judge", "--f0", "--channel", "--from", "--resume", "--seed", "--run-dir", "--runs"],
};

const VALUES = [
  ...["1", "0", "-1", "0.5", "3", "440", "1e9", "1e300", "1e-300", "NaN", "x", "", "a,b", "1,2,3", "auto"],
  ...[
    "a.wav",
    "m.wav",
    "text.wav",
    "m.safetensors",
    "nothing",
    "tiny.json",
    ".",
    "runs/../kept",
    "/dev/null",
  ],
  ...["name=../../x", "name=..", "model.hidden.0.units=1", "training.batchSize=1e9", "__proto__.x=1"],
  ...["model.hidden.4294967294.units=1", "selection.evaluations=0", "0=1", "pitch=live", "decay=live"],
];

export const children: Target<ChildCase> = {
  name: "children",
  what: "command lines, a process each",
  kept: "json",
  shortRun: 3,
  longRun: 400,
  cases: () => {
    const command = fc.constantFrom(...Object.keys(COMMANDS));
    return command.chain((name) => {
      const option = fc.tuple(fc.constantFrom(...OPTIONS[name]), fc.constantFrom(...VALUES));
      return fc
        .tuple(fc.constantFrom(...COMMANDS[name]), fc.array(option, { maxLength: 3 }))
        .map(([first, rest]) => ({ args: [...name.split(" "), ...first, ...rest.flat()] }));
    });
  },
  check: async ({ args }) => {
    const around = mkdtempSync(join(tmpdir(), "neural-string-child-"));
    const folder = join(around, "a", "b");
    try {
      mkdirSync(folder, { recursive: true });
      fill(folder);
      const before = listFiles(around);
      const { child, ended } = start(folder, ...args);
      const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      const { code, signal, stdout, stderr } = await ended;
      clearTimeout(timer);
      expect({ code, signal, stderr }).toEqual({ code: code === 2 ? 2 : 0, signal: null, stderr });
      const said = stderr.trimEnd().split("\n");
      const lines = said.filter((line) => !line.startsWith("note ") && !line.startsWith("run "));
      if (code === 2) expect(lines, stderr).toHaveLength(1);
      expect(`${stdout}${stderr}`).not.toMatch(/^ {4}at /m);
      const strays = listFiles(around).filter((file) => !file.startsWith(join("a", "b")));
      expect(strays).toEqual([]);
      // half a file has a name of its own, and goes
      expect(listFiles(around).filter((file) => file.endsWith(".tmp"))).toEqual([]);
      for (const file of before) expect(existsSync(join(around, file)), file).toBe(true);
    } finally {
      rmSync(around, { recursive: true, force: true });
    }
  },
};
