// CONTRIBUTING, followed by a stranger: a clone of what is committed here is installed, formatted without a change, one of
// its test files runs, and a changeset written as the page shows becomes a version and a line of the changelog.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { codeBlocksOf, ROOT, readText } from "../support/markdown.ts";
import { plainEnvironment } from "../support/plain-environment.ts";

const folder = temporaryFolder();
const clone = join(folder, "neural-string");
const [steps, , changeset] = codeBlocksOf(readText("CONTRIBUTING.md")).map(({ code }) => code);

/** Run a line of the page in a shell. @returns what it printed */
function shell(cwd: string, line: string): string {
  const pnpm = line.replace(/^pnpm /, "npx -y pnpm@12 ");
  return execFileSync("bash", ["-c", pnpm], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...plainEnvironment(), CI: "true" },
  });
}

/** What a changeset says, by whom it is about. */
function saidIn(text: string): string {
  const [, name, sentence] = /^---\n"([^"]+)": (?:patch|minor|major)\n---\n\n(.+)\n$/s.exec(text) ?? [];
  expect(name, text).toBe("@neural-string/core-wasm");
  return sentence;
}

describe.skipIf(!existsSync(join(ROOT, ".git")))("CONTRIBUTING (skipped outside a clone)", () => {
  test("clone and install", () => {
    const [clones, installs] = steps.split("\n");
    expect(clones).toBe("git clone REPOSITORY neural-string && cd neural-string");
    shell(folder, clones.replace("REPOSITORY", ROOT));
    expect(installs).toBe("npx -y pnpm@12 install");
    shell(clone, `${installs} --prefer-offline`);
    expect(existsSync(join(clone, "node_modules/.bin/vitest"))).toBe(true);
  }, 300_000);

  test("one test file; the formatter has nothing to change", () => {
    // after `pnpm build`, as the page says: what it makes is here already
    cpSync(join(ROOT, "packages/core-wasm/build"), join(clone, "packages/core-wasm/build"), {
      recursive: true,
    });
    const said = shell(clone, "pnpm exec vitest run tests/core-wasm/resonator.test.ts");
    expect(said).toMatch(/Test Files .*1 passed/);
    shell(clone, "pnpm format");
    expect(shell(clone, "git status --porcelain")).toBe("");
  }, 300_000);

  test("a changeset becomes a version and a line of the changelog; so do those that wait", ({ skip }) => {
    const waiting = readdirSync(join(ROOT, ".changeset")).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    const texts = [changeset, ...waiting.map((name) => readText(`.changeset/${name}`))];
    for (const name of waiting) cpSync(join(ROOT, ".changeset", name), join(clone, ".changeset", name));
    writeFileSync(join(clone, ".changeset/named-as-you-like.md"), changeset);
    const command = "pnpm dlx @changesets/cli version";
    expect(readText("CONTRIBUTING.md")).toContain(`\`${command}\``);
    const manifest = join(clone, "packages/core-wasm/package.json");
    const before = JSON.parse(readFileSync(manifest, "utf8")).version;
    try {
      shell(clone, command);
    } catch (error) {
      const { stderr = "" } = error as { stderr?: string };
      if (process.env.CI || !/ENOTFOUND|ECONN|ETIMEDOUT|ERR_PNPM_(META_)?FETCH/.test(stderr)) throw error;
      skip("changesets' command cannot be fetched here");
    }
    expect(JSON.parse(readFileSync(manifest, "utf8")).version).not.toBe(before);
    const changelog = readFileSync(join(clone, "packages/core-wasm/CHANGELOG.md"), "utf8");
    for (const text of texts) expect(changelog).toContain(saidIn(text).split("\n")[0]);
  }, 120_000);
});
