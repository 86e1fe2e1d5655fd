// What inspect draws as lines of blocks, against curves whose shape is known; and the documented way to read a log.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFile } from "@neural-string/shared";
import { decayCurves, levelCurve, tapCurve } from "@neural-string/trainer/commands/inspect-curves";
import type { PassiveFile } from "@neural-string/trainer/passive-file";
import { sparkline } from "@neural-string/trainer/sparkline";
import { expect, test } from "vitest";
import { makePassiveModel } from "../support/passive-models.ts";
import { trainingLog } from "../support/report-fixture.ts";

test("a sparkline spans its data, keeps peaks where columns are few, and leaves out what is not finite", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([0, 0, 9, 0, 0, 0], undefined, 2)).toBe("█▁");
  expect(sparkline([1, Number.NaN, 2])).toBe("▁ █");
  expect(sparkline([3, 3])).toBe("▁▁");
  expect(sparkline([])).toBe("");
});

test("a level that falls by 72 dB goes once through all heights, and silence is at the foot", () => {
  const falling = Float32Array.from({ length: 60_000 }, (_, n) => 10 ** ((-72 * n) / 20 / 60_000));
  const curve = levelCurve(falling);
  expect(curve).toMatch(/^█+▇+▆+▅+▄+▃+▂+▁+$/);
  expect(curve).toHaveLength(60);
  expect(levelCurve(Float32Array.from([...new Array(60).fill(1), ...new Array(60).fill(0)]))).toBe(
    "█".repeat(30) + "▁".repeat(30),
  );
});

test("the strongest tap is the tallest, whatever the order of the inputs", () => {
  const data = Float32Array.from([0.1, 1, 0.5, 0.1, -1, 0.5]);
  const file = { header: {}, tensors: new Map([["layers.0.weight", { shape: [2, 3], data }]]) };
  // by delay: tap 2 (0.5 -> fifth of eight), tap 0, tap 1
  expect(tapCurve(file as unknown as ModelFile, Int32Array.from([20, 30, 10]))).toBe("▅▁█");
});

test("a filter of two equal taps lets high frequencies die first", () => {
  const { header, tensors } = makePassiveModel({ f0: 160.5, sampleRate: 8000, filters: 1 });
  const data = new Float32Array(2 * header.taps);
  data.set([0.49, 0.49], header.taps + 16);
  data[16] = 0.9;
  const file: PassiveFile = { header, tensors: new Map(tensors) };
  (file.tensors as ModelFile["tensors"]).set("filters.taps", { shape: [2, header.taps], data });
  const [first, second] = decayCurves(file);
  expect(first).toMatch(/T60 {7}█+▇*▆*.*▁+ first,/);
  expect(second).toMatch(/second, .*0-4 kHz/);
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;
test.skipIf(!hasPython)("the three documented lines of Python read a log (skipped without python3)", () => {
  const page = readFileSync(new URL("../../docs/report.md", import.meta.url), "utf8");
  const [, code] = /```python\n([\s\S]*?)```/.exec(page) ?? [];
  expect(code.trim().split("\n")).toHaveLength(3);
  const folder = mkdtempSync(join(tmpdir(), "neural-string-log-"));
  try {
    const log = trainingLog("good", 30, 3);
    writeFileSync(join(folder, "log.jsonl"), log.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { stdout } = spawnSync("python3", ["-c", `${code}\nprint(json.dumps(losses))`], { cwd: folder });
    const wanted = log.flatMap((line) => (line.type === "updates" ? [[line.step, line.loss]] : []));
    expect(wanted.length).toBeGreaterThan(10);
    expect(JSON.parse(stdout.toString())).toEqual(wanted);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
