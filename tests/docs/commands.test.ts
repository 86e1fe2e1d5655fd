// Every command in the documentation, in a block or within a line, is one that exists, with options that it has. What blocks
// say is run in run-pages.test.ts.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readArguments } from "../bench/arguments.ts";
import { succeed } from "../support/cli.ts";
import { codeBlocksOf, ROOT, readPages, readText, spansOf } from "../support/markdown.ts";
import { pnpmCall, shellCommands } from "../support/shell-commands.ts";

const inBlocks = readPages().flatMap(({ path, text }) =>
  codeBlocksOf(text)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code, line }) =>
      shellCommands(code).map((command) => ({ ...command, at: `${path}:${line}` })),
    ),
);
/** Within a line; in a table a bar has a backslash, and what is in brackets may be left out. */
const inLines = readPages().flatMap(({ path, text }) =>
  spansOf(text)
    .filter((span) => /^(npx -y )?pnpm(@12)? \S|^node \S+\.ts\b/.test(span))
    .flatMap((span) =>
      alternatives(span).flatMap((code) => shellCommands(code).map((command) => ({ ...command, at: path }))),
    ),
);
const commands = [...inBlocks, ...inLines];
const scripts: Record<string, string> = JSON.parse(readText("package.json")).scripts;
/** What a machine has that can follow the pages, beside pnpm. */
const TOOLS = ["cd", "cp", "git", "mkdir", "npm", "tar"];
/** Commands of pnpm's own that the pages use. */
const PNPM = ["audit", "dlx", "exec", "install", "pack", "publish"];
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

test("docs/architecture.md says of every script that runs something of ours where it is put together", () => {
  const page = readText("docs/architecture.md");
  const own = Object.keys(scripts).filter((name) =>
    /node (?!packages\/core-wasm\/build).*\.ts/.test(scripts[name]),
  );
  expect(own).toContain("train");
  const [, list] = /Each command is put together in one place[^\n]*\n([\s\S]*?)\n## /.exec(page) ?? [];
  expect(
    own.filter(
      (name) => !["architecture", "lint"].includes(name) && !new RegExp(`[\`\\s]${name}\``).test(list),
    ),
  ).toEqual([]);
});

/** `generate ks\|stiff --f0 HZ [RUN…]`: each of them. */
function alternatives(span: string): string[] {
  const said = span.replaceAll(/\s*\[[^\]]*\]/g, "").replaceAll("\\|", "|");
  const [, before, choices, after] = /^(.*?)(\S+\|\S+)(.*)$/.exec(said) ?? [];
  return choices === undefined ? [said] : choices.split("|").map((one) => `${before}${one}${after}`);
}

test("within lines there are many, and choices are told apart", () => {
  expect(inLines.length).toBeGreaterThan(40);
  expect(alternatives("pnpm generate ks\\|stiff --f0 HZ")).toEqual([
    "pnpm generate ks --f0 HZ",
    "pnpm generate stiff --f0 HZ",
  ]);
  expect(alternatives("pnpm report [RUN…]")).toEqual(["pnpm report"]);
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
