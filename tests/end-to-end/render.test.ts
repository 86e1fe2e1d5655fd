// A model rendered at another pitch by the command is no louder than at its own: nobody opens a file that clips.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../support/cli.ts";
import { readWav } from "../support/read-wav.ts";

// a cascade's is 16 dB louder at C5 without softer plucks; planes', with a hop that does not follow, 8 dB softer
// (docs/LOG.md, 2026-11-26 and 27)
const PIANO = fileURLToPath(
  new URL("../../packages/playground/models/piano-a1/model.safetensors", import.meta.url),
);
const C1 = 32.7;
const C5 = 523.25;
const folder = mkdtempSync(join(tmpdir(), "neural-string-render-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** RMS of the first tenth of a second, dB. */
async function loudness(...options: string[]): Promise<number> {
  const out = join(folder, "out.wav");
  const { code, stderr } = await run(
    folder,
    ...["render", "--model", PIANO, "--seconds", "0.1", "--out", out, ...options],
  );
  expect(code, stderr).toBe(0);
  const { samples } = readWav(out);
  return 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

describe("render --f0", () => {
  test.each([C1, 4 * C1, C5])("%f Hz is as loud as the model's own pitch", async (f0) => {
    const louder = (await loudness("--f0", `${f0}`)) - (await loudness());
    expect(louder).toBeLessThan(1.5);
    expect(louder).toBeGreaterThan(-3);
  });
});
