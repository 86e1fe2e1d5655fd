// Every command in the documentation is one that exists, with options that it has; those that read, render and list are run
// as they stand, in a folder that holds what they name. What trains, installs or serves is not run here: training from end
// to end is tests/end-to-end's, `pnpm test` is what runs this, and the examples are installed in tests/browser.
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readArguments } from "../bench/arguments.ts";
import { temporaryFolder } from "../support/audio-files.ts";
import { run, succeed } from "../support/cli.ts";
import { codeBlocksOf, ROOT, readPages, readText } from "../support/markdown.ts";
import { runRecord } from "../support/report-fixture.ts";
import { pnpmCall, type ShellCommand, shellCommands } from "../support/shell-commands.ts";

const commands = readPages().flatMap(({ path, text }) =>
  codeBlocksOf(text)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code, line }) =>
      shellCommands(code).map((command) => ({ ...command, at: `${path}:${line}` })),
    ),
);
const scripts: Record<string, string> = JSON.parse(readText("package.json")).scripts;
/** What a machine has that can follow the pages, beside pnpm. */
const TOOLS = ["cd", "cp", "git", "mkdir", "npm", "tar"];
/** Commands of pnpm's own that the pages use. */
const PNPM = ["exec", "install", "pack"];
const TRAINER = "packages/trainer/src/cli.ts";

/** The options that a command of the trainer's has, from its own help; asked once each. */
const helped = new Map<string, Promise<string>>();
function helpOf(...command: string[]): Promise<string> {
  const key = command.join(" ");
  const asked = helped.get(key) ?? succeed(ROOT, ...command, "--help");
  helped.set(key, asked);
  return asked;
}

describe("every command exists, and its options too", () => {
  test.each(commands)("$at: $words", { timeout: 120_000 }, async ({ words }) => {
    const call = pnpmCall(words);
    if (words[0] === "node") return expect(existsSync(join(ROOT, words[1])), words[1]).toBe(true);
    if (call === null) return expect(TOOLS).toContain(words[0]);
    if (call.filter !== null) return expect(scriptsOf(call.filter)).toContain(call.name);
    const script = scripts[call.name];
    if (script === undefined) return expect(PNPM).toContain(call.name);
    const trainer = script.split(TRAINER)[1];
    const options = call.args.filter((word) => word.startsWith("--")).map((word) => word.split("=")[0]);
    if (trainer !== undefined) {
      const own = trainer.trim().split(" ");
      const sub = subcommandOf(call.args, await helpOf(...own));
      const help = await helpOf(...own, ...sub);
      for (const option of options)
        expect(help, option).toMatch(new RegExp(`^ {2}(-\\w, )?${option}\\b`, "m"));
    } else if (call.name === "bench:wasm") readArguments(call.args);
    else if (options.length > 0) {
      const [, file] = script.match(/node (\S+\.ts)(?!.*node )/) ?? [];
      for (const option of options) expect(readText(file), option).toContain(option);
    }
  });
});

/** Scripts of a package, and what pnpm does with any. */
function scriptsOf(name: string): string[] {
  for (const folder of readdirSync(join(ROOT, "packages"))) {
    const manifest = JSON.parse(readText(`packages/${folder}/package.json`));
    if (manifest.name === name) return [...PNPM, ...Object.keys(manifest.scripts ?? {})];
  }
  return [];
}

/** `keep` of `runs keep`, `ks` of `generate ks`: what the help calls a command. */
function subcommandOf([first = ""]: readonly string[], help: string): string[] {
  return new RegExp(`^ {2}${first} .*\\S`, "m").test(help.split("Commands:")[1] ?? "") ? [first] : [];
}

describe("what reads, renders and lists runs as it stands", () => {
  const folder = temporaryFolder();
  const CHEAP = ["inspect", "render", "runs", "evaluate"];

  test("in a folder with the recordings, the runs and the models that the pages name", async () => {
    const calls = commands.filter((command) => CHEAP.includes(nameOf(command)));
    expect(new Set(calls.map(nameOf)).size).toBeGreaterThan(2);
    const named = new Set(
      calls.flatMap(({ words }) => words.filter((word) => /\.(wav|safetensors)$/.test(word))),
    );
    const written = new Set(calls.map(({ words }) => words[words.indexOf("--out") + 1]));
    await Promise.all([...named].filter((file) => !written.has(file)).map(provide));
    provideRun("0007-passive-mine");
    const once = new Map(calls.map(({ words, at }) => [words.join(" "), { words, at }]));
    const told = await Promise.all(
      [...once.values()].map(async ({ words, at }) => {
        const { name, args } = pnpmCall(words) as { name: string; args: string[] };
        const { code, stderr } = await run(folder, name, ...args);
        return { at, code, complaints: stderr.split("\n").filter((line) => /error|expected/i.test(line)) };
      }),
    );
    expect(told).toEqual([...once.values()].map(({ at }) => ({ at, code: 0, complaints: [] })));
    for (const file of written)
      if (file?.endsWith(".wav")) expect(existsSync(join(folder, file)), file).toBe(true);
    expect(existsSync(join(folder, "docs/results/my-string/run.json"))).toBe(true);
  }, 240_000);

  function nameOf({ words }: ShellCommand): string {
    return pnpmCall(words)?.name ?? "";
  }

  /** A recording that nobody has recorded, of the shipped model's string; or that model. */
  async function provide(file: string): Promise<void> {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    if (file.endsWith(".safetensors")) {
      copyFileSync(join(ROOT, "packages/playground/models/piano-a1/model.safetensors"), join(folder, file));
      return;
    }
    await succeed(folder, ...["generate", "stiff", "--f0", "54.8", "--seconds", "3", "--out", file]);
  }

  /** A run that is listed and kept. */
  function provideRun(name: string): void {
    const path = join(folder, "runs", name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "run.json"), JSON.stringify(runRecord("good")));
    for (const file of ["config.json", "log.jsonl"]) writeFileSync(join(path, file), "{}\n");
  }
});
