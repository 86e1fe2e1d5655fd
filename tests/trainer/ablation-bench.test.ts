// The ablation's untrained rows run, are made from the other recordings only, and what is written is whole.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StiffStringRecipeSchema } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { loadCore } from "@neural-string/trainer/core-build";
import { makeString } from "@neural-string/trainer/sources";
import { afterAll, describe, expect, test } from "vitest";

const SAMPLE_RATE = 8000;
const UNTRAINED = ["least-squares", "textbook", "karplus-strong"];
const FIGURES = ["edrDb", "lsdDb", "edcDb", "partialDb", "cents"];

const folder = mkdtempSync(join(tmpdir(), "ablation-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL("../../packages/trainer/bench/ablation.ts", import.meta.url));
const env = { ...process.env, NEURAL_STRING_CACHE: join(folder, ".cache"), NO_COLOR: "1" };
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [script, ...args], { cwd: folder, env });
const ablate = (out: string, recordings: string[], rows = UNTRAINED) =>
  run(...recordings, "--rows", rows.join(), "--seconds", "1", "--starts", "300,800", "--out", out);

interface Cell {
  string: string;
  start: number;
  judgedOn: string;
  figures: Record<string, number>;
  failures: string[];
}
type Mean = Omit<Cell, "judgedOn"> & { recordings: number };
const readResults = (out: string): { cells: Cell[]; means: Mean[]; errors: unknown[] } =>
  JSON.parse(readFileSync(join(folder, out, "results.json"), "utf8"));

/** A plucked string of 3 s. @param tail what each second beyond 2 s is multiplied by */
function pluck(name: string, seed: number, tail = 1): string {
  const recipe = { generate: "stiff" as const, f0: 160, sampleRate: SAMPLE_RATE, seconds: 3, seed };
  const samples = makeString(loadCore(), StiffStringRecipeSchema.parse(recipe));
  writeFileSync(
    join(folder, name),
    encodeWav(
      samples.map((x, n) => x * tail ** Math.max(0, n / SAMPLE_RATE - 2)),
      SAMPLE_RATE,
    ),
  );
  return name;
}

const [A, B] = [pluck("a.wav", 1), pluck("b.wav", 2)];
// as a.wav for the 2 s that are judged, then it dies away
const ALTERED = pluck("altered.wav", 1, 1e-3);
const COPY = pluck("copy.wav", 1);

describe("bench/ablation.ts", () => {
  test("results.json: every row, recording and start once, and their means", async () => {
    const { stdout } = await ablate("whole", [A, B]);
    const { cells, means, errors } = readResults("whole");
    expect(errors).toEqual([]);
    expect(cells.map(({ string, judgedOn, start }) => [string, judgedOn, start])).toEqual(
      UNTRAINED.flatMap((row) => [A, B].flatMap((file) => [300, 800].map((start) => [row, file, start]))),
    );
    for (const { string, figures } of cells) {
      expect(Object.keys(figures)).toEqual(FIGURES);
      for (const figure of FIGURES) {
        expect(figures[figure] > 0 && figures[figure] < 1000, `${string} ${figure}`).toBe(true);
      }
    }
    expect(means).toHaveLength(2 * UNTRAINED.length);
    for (const { string, start, recordings, figures } of means) {
      const [a, b] = cells.filter((cell) => cell.string === string && cell.start === start);
      expect(recordings).toBe(2);
      for (const figure of FIGURES) {
        expect(figures[figure]).toBeCloseTo((a.figures[figure] + b.figures[figure]) / 2, 12);
      }
    }
    // a line for each, and two of the head
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2 + cells.length + means.length);
    expect(new Set(lines.map((line) => line.split(" | ").length))).toEqual(new Set([9]));
  });

  test("a string calibrated to the other recording's partials is nearer than one that knows the pitch alone", () => {
    const { cells } = readResults("whole");
    const of = (row: string) => cells.filter(({ string }) => string === row);
    of("textbook").forEach(({ figures }, i) => {
      const plain = of("karplus-strong")[i].figures;
      for (const figure of ["edrDb", "lsdDb", "partialDb", "cents"]) {
        expect(figures[figure], figure).toBeLessThan(plain[figure] / 2);
      }
    });
  });

  test("the recording that judges has no part in what is judged", async () => {
    // what follows the judged second is heard by whoever makes a string of it, and by nobody who is judged on it
    const rows = ["least-squares", "textbook"];
    await ablate("altered", [ALTERED, B], rows);
    const distances = (out: string, file: string) =>
      readResults(out)
        .cells.filter(({ string, judgedOn }) => rows.includes(string) && judgedOn === file)
        .map(({ figures: { edrDb, lsdDb, edcDb } }) => [edrDb, lsdDb, edcDb]);
    expect(distances("altered", ALTERED)).toEqual(distances("whole", A));
    expect(distances("altered", ALTERED)).toHaveLength(4);
    distances("altered", B).forEach((made, i) => {
      expect(made).not.toEqual(distances("whole", B)[i]);
    });
  });

  test("--json: the results are all there is on standard output", async () => {
    const { stdout } = await run(
      A,
      B,
      "--rows",
      "karplus-strong",
      "--starts",
      "300",
      "--seconds",
      "1",
      "--out",
      "json",
      "--json",
    );
    expect(JSON.parse(stdout)).toEqual(readResults("json"));
  });

  test.each([
    [["whole"], [A, B], "--out whole: there are results of another ablation; name another folder\n"],
    [["x", ["textbooks"]], [A, B], /^--rows: expected some of mixture,linear,.*, got textbooks\n$/],
    [["x"], [A], "recordings: expected two or more, each once, got 1; name audio files of one string\n"],
    [
      ["x"],
      [A, COPY],
      "copy.wav: it is the same recording as a.wav; a judge must be unseen: leave one out\n",
    ],
    [
      ["x"],
      [A, A],
      "recordings: expected two or more, each once, got a.wav twice; name audio files of one string\n",
    ],
  ] as [[string, string[]?], string[], string | RegExp][])(
    "%j of %j is refused",
    async ([out, rows], recordings, message) => {
      await expect(ablate(out, recordings, rows)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(message),
      });
    },
  );
});
