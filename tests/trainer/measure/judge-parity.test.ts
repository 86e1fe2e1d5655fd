// The project's judge is the authority: every number it prints must come out of measureRender within 2 %
// (plus 0.02 dB or cents). Goldens hold without Python; with Python and the shared recordings the judge itself runs.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Metrics } from "@neural-string/shared";
import { measureRender } from "@neural-string/trainer/measure/metrics";
import { describe, expect, test } from "vitest";
import { readWav } from "../../support/read-wav.ts";
import { type StringSound, syntheticString } from "../../support/synthetic-string.ts";

const run = promisify(execFile);
const shared = new URL("../../../../shared/", import.meta.url);
const judgePath = fileURLToPath(new URL("judge/judge.py", shared));
const recording = (path: string) => fileURLToPath(new URL(path, shared));

/** Why the judge itself cannot run here, or null. */
async function obstacle(): Promise<string | null> {
  if (!existsSync(judgePath)) return "the shared folder with judge.py is not beside this repository";
  try {
    await run("python3", ["-c", "import numpy, scipy, soundfile"]);
    return null;
  } catch {
    return "python3 with numpy, scipy and soundfile is not here";
  }
}
const missing = await obstacle();
const live = missing === null ? "live" : `live (skipped: ${missing})`;

type Judged = Record<string, number>;

function expectAgreement(metrics: Metrics, judged: Judged): void {
  const ours: Judged = {
    lsd_db: metrics.lsdDb,
    edr_db: metrics.edrDb,
    edc_db: metrics.edcDb,
    cents: metrics.cents,
    partial_db: metrics.partialDb ?? Number.NaN,
    end_rms_db: metrics.endRmsDb,
    target_end_rms_db: metrics.targetEndRmsDb,
    dc_end: metrics.dcEnd,
  };
  for (const [name, value] of Object.entries(judged)) {
    // dB and cents may differ by 0.02, the offset (a ratio) by the 0.001 the judge prints
    const tolerance = 0.02 * Math.abs(value) + (name === "dc_end" ? 1e-3 : 0.02);
    expect(Math.abs(ours[name] - value), `${name}: ours ${ours[name]}, judge ${value}`).toBeLessThan(
      tolerance,
    );
  }
}

interface Golden {
  name: string;
  f0: number;
  seconds: number;
  target: StringSound;
  render: StringSound;
  expected: Judged;
}

describe("measureRender agrees with the judge's stored numbers", () => {
  const path = new URL("../../goldens/judge-metrics.json", import.meta.url);
  const goldens: Golden[] = JSON.parse(readFileSync(path, "utf8"));
  test.each(goldens)("$name", ({ f0, seconds, target, render, expected }) => {
    const rate = target.sampleRate;
    expectAgreement(
      measureRender(syntheticString(render), syntheticString(target), rate, { f0, seconds }),
      expected,
    );
  });
});

describe.skipIf(missing !== null)(`measureRender agrees with the judge, ${live}`, () => {
  test.each([
    [
      "the golden render of a classic network",
      "reference/classic-strat.render.wav",
      "data/strat-low-e/2.wav",
      1100,
    ],
    ["another recording of the same string", "data/strat-low-e/3.wav", "data/strat-low-e/2.wav", 0],
    ["a recording out of step", "data/strat-low-e/4.wav", "data/strat-low-e/3.wav", 4000],
  ])("%s", async (_, renderPath, targetPath, skip) => {
    const paths = [recording(renderPath), recording(targetPath)];
    const { stdout } = await run("python3", [judgePath, ...paths, "--skip", String(skip)]);
    const [render, target] = paths.map(readWav);
    const metrics = measureRender(render.samples, target.samples.subarray(skip), target.sampleRate, {
      f0: 82.6,
    });
    expectAgreement(metrics, JSON.parse(stdout));
  });

  test("a recording against broken, scaled, shifted and silent renders", async () => {
    const { samples, sampleRate } = readWav(recording("data/strat-low-e/4.wav"));
    const target = samples.subarray(1100);
    const length = 5 * sampleRate;
    const renders = [
      target.slice(0, length).map((v, n) => (n > 1000 && n % 4000 === 0 ? Number.NEGATIVE_INFINITY : v)),
      target.slice(0, length).map((v, n) => 0.3 * v * Math.exp(-n / sampleRate) + 0.01),
      target.slice(300, 300 + length).map((v) => Math.tanh(30 * v)),
      new Float64Array(length),
    ];
    const judged = await judgeArrays(renders, target, sampleRate);
    renders.forEach((render, i) => {
      expectAgreement(measureRender(render, target, sampleRate, { f0: 82.6 }), judged[i]);
    });
  });
});

/** Run the judge's own function on raw arrays: what its command line cannot be given. */
async function judgeArrays(
  renders: Float64Array[],
  target: Float64Array,
  sampleRate: number,
): Promise<Judged[]> {
  const folder = mkdtempSync(join(tmpdir(), "judge-"));
  try {
    const bytes = (x: Float64Array) => Buffer.from(x.buffer, x.byteOffset, x.byteLength);
    writeFileSync(join(folder, "target"), bytes(target));
    renders.forEach((render, i) => {
      writeFileSync(join(folder, String(i)), bytes(render));
    });
    const script = `
import json, runpy, sys, numpy as np
judge = runpy.run_path(sys.argv[1], run_name="judge")["judge"]
read = lambda name: np.fromfile(sys.argv[2] + "/" + name)
print(json.dumps([judge(read(str(i)), read("target"), ${sampleRate}) for i in range(${renders.length})]))`;
    const { stdout } = await run("python3", ["-c", script, judgePath, folder]);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
