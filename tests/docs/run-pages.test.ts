// Every command in the documentation's shell blocks is run, in the order of its page, in a folder that holds what the page
// presupposes: as it stands, or as rules.ts says. A page that was followed to its end left what it promised.
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { readJson, succeed } from "../support/cli.ts";
import { codeBlocksOf, type Page, ROOT, readPages, readText } from "../support/markdown.ts";
import { plainEnvironment } from "../support/plain-environment.ts";
import { pnpmCall, shellCommands } from "../support/shell-commands.ts";
import { RULES, type Rule } from "./rules.ts";

const BUILD = "node packages/core-wasm/build.ts";
const scripts: Record<string, string> = JSON.parse(readText("package.json")).scripts;
const around = temporaryFolder();
/** A run that has ended, for pages that begin with some. */
const ended = join(around, "ended");

const commandsOf = ({ text }: Page) =>
  codeBlocksOf(text)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code, line }) => shellCommands(code).map(({ words }) => ({ words, line })));
const pages = readPages().filter((page) => commandsOf(page).length > 0);

function ruleFor(page: string, command: string): Rule | undefined {
  return RULES.find((rule) => rule.command === command && (rule.page === undefined || rule.page === page));
}

/** The numbers of runs that a page takes for granted. */
function runsNamed(text: string): string[] {
  return [...text.matchAll(/^pnpm (?:report|runs keep) ((?:\d+ )+)/gm)].flatMap(([, numbers]) =>
    numbers.trim().split(" "),
  );
}

/** The sweep file that docs/sweeps.md shows, with two trials of two steps. */
function shortSweep(): string {
  const [yaml, ...more] = codeBlocksOf(readText("docs/sweeps.md")).filter(
    ({ language }) => language === "yaml",
  );
  expect(more).toEqual([]);
  return shortened(yaml.code, [
    [/\[16, 8000\], \[64, 2000\], \[256, 500\]/, "[16, 2], [64, 2]"],
    [/startup: 8/, "startup: 2"],
    [/runs: 40/, "runs: 2"],
  ]);
}

/** The law of `pnpm laws batch-size`, begun with two trials of two steps, so that the command goes on with it. */
async function beginLaw(folder: string): Promise<void> {
  const law = shortened(readText("packages/trainer/laws/batch-size.yaml"), [
    [/^law:\n(?: .*\n)*/m, ""],
    [/\[\[16, 8000\].*\]\]/, "[[16, 2]]"],
    [/\[0\.0025, .*2\.56\]/, "[0.01, 0.04]"],
    [/\[1, 2, 3\]/, "[1]"],
  ]);
  writeFileSync(join(folder, "law.yaml"), law);
  await succeed(
    folder,
    ...["sweep", "law.yaml", "--folder", "runs/sweeps/law-batch-size", "--minutes", "1e-6"],
  );
}

function shortened(text: string, changes: [from: RegExp, to: string][]): string {
  return changes.reduce((before, [from, to]) => {
    expect(before).toMatch(from);
    return before.replace(from, to);
  }, text);
}

/** A folder that holds what a page names and does not make. */
async function provide({ path, text }: Page): Promise<string> {
  const folder = join(around, path.replaceAll("/", "-"));
  mkdirSync(folder);
  for (const i of [1, 2, 3]) copyFileSync(join(around, `take${i}.wav`), join(folder, `take${i}.wav`));
  copyFileSync(join(ended, "model.safetensors"), join(folder, "model.safetensors"));
  for (const number of runsNamed(text)) {
    const run = join(folder, "runs", `${number.padStart(4, "0")}-passive-mine`);
    cpSync(ended, run, { recursive: true });
    writeFileSync(
      join(run, "run.json"),
      JSON.stringify({ ...readJson(run, "run.json"), number: Number(number) }),
    );
  }
  if (path === "docs/sweeps.md") writeFileSync(join(folder, "my-sweep.yaml"), shortSweep());
  if (path === "docs/laws.md") await beginLaw(folder);
  return folder;
}

/** Run a root script as pnpm does, but in a folder of its own, and without building the kernels again. */
async function runScript(folder: string, words: readonly string[]): Promise<void> {
  const { name, args } = pnpmCall(words) ?? { name: "", args: [] };
  const [built, script, ...more] = scripts[name]?.split(" && ") ?? [];
  expect([built, more], words.join(" ")).toEqual([BUILD, []]);
  const [node, file, ...own] = script.split(" ");
  expect(node).toBe("node");
  const env = { ...plainEnvironment(), NEURAL_STRING_CACHE: join(around, ".cache") };
  await promisify(execFile)(process.execPath, [join(ROOT, file), ...own, ...args], { cwd: folder, env });
}

/** The words of a command after its rule. */
function wordsAfter(command: string, { replace = [], add = "" }: Rule): string[] {
  let text = command;
  for (const [from, to] of replace) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  return `${text} ${add}`.split(" ").filter((word) => word !== "");
}

async function follow(page: Page): Promise<number> {
  const folder = await provide(page);
  let count = 0;
  for (const { words, line } of commandsOf(page)) {
    const command = words.join(" ");
    const rule = ruleFor(page.path, command);
    if (rule?.never) continue;
    if (rule?.needs !== undefined && !existsSync(join(ROOT, rule.needs))) continue;
    if (rule?.elsewhere !== undefined) {
      const [file, text] = rule.elsewhere;
      expect(readText(file), `${command}: ${file}`).toContain(text);
      continue;
    }
    const at = `${page.path}:${line}: ${command}`;
    const run = runScript(folder, rule === undefined ? words : wordsAfter(command, rule));
    await run.catch((error) => Promise.reject(new Error(at, { cause: error })));
    const out = /--out (\S+)/.exec(command)?.[1];
    if (out !== undefined) expect(existsSync(join(folder, out)), at).toBe(true);
    count++;
  }
  return count;
}

beforeAll(async () => {
  const stiff = ["generate", "stiff", "--f0", "220", "--sample-rate", "8000", "--seconds", "2.5"];
  const take = (seed: number) =>
    succeed(
      around,
      ...stiff,
      ...["--t60", "2,1.5,1,1,.8", "--seed", String(seed), "--out", `take${seed}.wav`],
    );
  await Promise.all([1, 2, 3].map(take));
  const train = RULES.find(({ command }) => command.startsWith("pnpm train take1.wav"));
  if (train === undefined) throw new Error("no rule shortens the training of takes");
  await succeed(around, ...wordsAfter(train.command, train).slice(1), "--run-dir", "ended");
}, 240_000);

describe("pages, followed from above", () => {
  test.concurrent.each(pages)("$path", { timeout: 300_000 }, async (page) => {
    const count = await follow(page);
    const isRunHere = commandsOf(page).some(({ words }) => {
      const rule = ruleFor(page.path, words.join(" "));
      return !rule?.never && rule?.elsewhere === undefined;
    });
    expect(count > 0).toBe(isRunHere);
  });

  test("every rule is about a command that a page has", () => {
    const all = pages.flatMap((page) => commandsOf(page).map(({ words }) => [page.path, words.join(" ")]));
    const stale = RULES.filter(
      ({ command, page }) => !all.some(([path, said]) => said === command && (page ?? path) === path),
    );
    expect(stale).toEqual([]);
  });

  test("a command that fails is told, with its page and line", async () => {
    const text = "# Page\n\n```sh\npnpm inspect nothing-there.wav\n```\n";
    await expect(follow({ path: "page.md", text })).rejects.toThrow(
      "page.md:3: pnpm inspect nothing-there.wav",
    );
  });
});

test("what the pages promise is there: a run by its name, a table and a plot of a law, a kept run", () => {
  const made = (...path: string[]) => existsSync(join(around, ...path));
  expect(made("README.md", "runs/0001-passive-take1-and-1-more/report.html")).toBe(true);
  expect(made("docs-laws.md", "runs/sweeps/law-batch-size/batch-size-loss.svg")).toBe(true);
  expect(made("docs-report.md", "two.html")).toBe(true);
  expect(readFileSync(join(around, "docs-sweeps.md/runs/sweeps/my-sweep/journal.jsonl"), "utf8")).toContain(
    "outcome",
  );
  const kept = "packages-playground-src-content-docs-docs-train-your-own.md/docs/results/my-string/run.json";
  expect(made(kept)).toBe(true);
});
