// The documentation's Python runs, beside a shipped model, and prints what it says it prints.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogLineSchema } from "@neural-string/shared";
import { LossFile } from "@neural-string/trainer/loss-file";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { makeLosses } from "../support/loss-fixture.ts";
import { codeBlocksOf, ROOT, readPages } from "../support/markdown.ts";

const MODEL = "packages/playground/models/piano-a1/model.safetensors";
const blocks = readPages().flatMap(({ path, text }) =>
  codeBlocksOf(text)
    .filter(({ language }) => language === "python")
    .map(({ code, line }) => ({ at: `${path}:${line}`, code })),
);

/** What a block imports and this machine's Python lacks. */
function missing(code: string): string[] {
  const modules = [...code.matchAll(/^(?:import|from) (\w+)/gm)].map(([, name]) => name);
  return modules.filter((name) => spawnSync("python3", ["-c", `import ${name}`]).status !== 0);
}

describe("python blocks", () => {
  test("there are some", () => expect(blocks.length).toBeGreaterThan(2));

  test.for(blocks)("$at", ({ code }, { skip }) => {
    const lacks = missing(code);
    if (lacks.length > 0) skip(`python3 has no ${lacks.join(", ")}`);
    const folder = temporaryFolderOnce();
    writeLogs(folder);
    writeFileSync(join(folder, "block.py"), code);
    const printed = execFileSync("python3", ["block.py", "model.safetensors"], {
      cwd: folder,
      encoding: "utf8",
    });
    const numbers = [...printed.matchAll(/\d+\.\d+/g)].map(Number);
    // "# 0.99, 0.99" beside what prints it
    const told = [...code.matchAll(/^.*print\(.*# (.*)$/gm)].flatMap(([, comment]) =>
      [...comment.matchAll(/\d+\.(\d+)/g)].map(([number, digits]) => ({
        value: Number(number),
        digits: digits.length,
      })),
    );
    for (const [i, { value, digits }] of told.entries()) expect(numbers[i]).toBeCloseTo(value, digits - 1);
    // the certificate's: what the file claims, and what numpy finds
    if (code.includes('["certificate"]')) {
      expect(numbers).toHaveLength(2);
      expect(numbers[1]).toBeLessThanOrEqual(numbers[0] * (1 + 1e-6));
      expect(numbers[1]).toBeGreaterThan(numbers[0] * (1 - 1e-3));
    }
  });
});

/** What the blocks read beside a model: a run's log, its losses and a sweep's journal, as these are written. */
function writeLogs(folder: string): void {
  const update = {
    type: "updates",
    step: 25,
    epoch: 0.1,
    loss: 0.5,
    lossMin: 0.4,
    lossMax: 0.6,
    learningRate: 1e-3,
  };
  writeFileSync(join(folder, "log.jsonl"), `${JSON.stringify(LogLineSchema.parse(update))}\n`);
  const { header, rows } = makeLosses("samples", { examples: 5, evaluations: 3 });
  const losses = new LossFile(join(folder, "losses.bin"), header);
  for (const row of rows) losses.append(row);
  const sweep = join(folder, "runs/sweeps/my-sweep");
  mkdirSync(sweep, { recursive: true });
  writeFileSync(join(sweep, "journal.jsonl"), `${JSON.stringify({ type: "outcome", trial: 1 })}\n`);
}

const shared = temporaryFolder();
function temporaryFolderOnce(): string {
  copyFileSync(join(ROOT, MODEL), join(shared, "model.safetensors"));
  return shared;
}
