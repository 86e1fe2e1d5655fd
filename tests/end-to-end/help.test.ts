// Every command says what it does, and every option in one line or two.
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { listFiles, run } from "../support/cli.ts";

const folder = temporaryFolder();
const commands = [
  "train",
  "render",
  "evaluate",
  "generate",
  "generate ks",
  "generate stiff",
  "generate stability",
  "experiments",
  "report",
  "sweep",
  "sweep worker",
  "laws",
  "inspect",
  "runs",
  "runs keep",
];

describe("--help", () => {
  test("of the whole names every command", async () => {
    const { code, stdout, stderr } = await run(folder, "--help");
    expect([code, stderr]).toEqual([0, ""]);
    for (const command of commands) expect(stdout).toContain(`\n  ${command.split(" ")[0]} `);
  });

  test.each(commands)("of %s: usage, purpose, and every option with a word on it", async (command) => {
    const { code, stdout, stderr } = await run(folder, ...command.split(" "), "--help");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: neural-string ${command} `));
    for (const [, described] of stdout.matchAll(/^ {2}-[^\n]*?(?: {2,}|\n {10,})(\S.*)$/gm)) {
      expect(described.length).toBeGreaterThan(8);
    }
    // generate alone only names others
    if (command !== "generate") expect(stdout).toMatch(/^ {2}--json +JSON lines /m);
    expect(listFiles(folder)).toEqual([]);
  });
});
