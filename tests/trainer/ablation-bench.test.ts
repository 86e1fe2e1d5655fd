// The ablation's rows run, are made from the other recordings only, and are not made twice; what is written is whole.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StiffStringRecipeSchema } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { loadCore } from "@neural-string/trainer/core-build";
import { makeString } from "@neural-string/trainer/recipe";
import { afterAll, describe, expect, test } from "vitest";
import type { Row } from "../../packages/trainer/bench/ablation-arguments.ts";
import {
  type Cell,
  FIGURES,
  meansOf,
  type Results,
  ResultsSchema,
} from "../../packages/trainer/bench/ablation-results.ts";

const SAMPLE_RATE = 8000;
const UNTRAINED = ["karplus-strong", "least-squares", "textbook", "others"];

const folder = mkdtempSync(join(tmpdir(), "ablation-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = fileURLToPath(new URL("../../packages/trainer/bench/ablation.ts", import.meta.url));
const env = { ...process.env, NEURAL_STRING_CACHE: join(folder, ".cache"), NO_COLOR: "1" };
const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [script, ...args], { cwd: folder, env });
const ablate = (out: string, recordings: string[], rows = UNTRAINED) =>
  run(...recordings, "--rows", rows.join(), "--seconds", "1", "--starts", "300,800", "--out", out);

const resultsOf = (out: string) => join(folder, out, "results.json");
const readResults = (out: string): Results =>
  ResultsSchema.parse(JSON.parse(readFileSync(resultsOf(out), "utf8")));
const rewrite = (out: string, change: (results: Results) => Partial<Results>) => {
  const results = readResults(out);
  writeFileSync(resultsOf(out), JSON.stringify({ ...results, ...change(results) }));
};
const figureOf = ({ figures }: Cell, name: (typeof FIGURES)[number]) => figures[name] ?? Number.NaN;

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
    const results = readResults("whole");
    const { cells, errors, settings } = results;
    expect(settings).toMatchObject({ starts: [300, 800], seconds: 1, budget: { minutes: 2, seed: 1 } });
    expect(errors).toEqual([]);
    expect(cells.map(({ string, judgedOn, start }) => [string, judgedOn, start])).toEqual(
      UNTRAINED.flatMap((row) => [A, B].flatMap((file) => [300, 800].map((start) => [row, file, start]))),
    );
    for (const cell of cells) {
      for (const figure of FIGURES) {
        const value = figureOf(cell, figure);
        expect(value > 0 && value < 1000, `${cell.string} ${figure}`).toBe(true);
      }
    }
    const means = UNTRAINED.flatMap((row) => meansOf(results, row as Row));
    expect(means).toHaveLength(2 * UNTRAINED.length);
    for (const { string, start, recordings, figures } of means) {
      const [a, b] = cells.filter((cell) => cell.string === string && cell.start === start);
      expect(recordings).toBe(2);
      for (const figure of FIGURES) {
        expect(figures[figure]).toBeCloseTo((figureOf(a, figure) + figureOf(b, figure)) / 2, 12);
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
    of("textbook").forEach((cell, i) => {
      const plain = of("karplus-strong")[i];
      for (const figure of ["edrDb", "lsdDb", "partialDb", "cents"] as const) {
        expect(figureOf(cell, figure), figure).toBeLessThan(figureOf(plain, figure) / 2);
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

  test("what is there is not made again; what is missing or has failed is", async () => {
    await ablate("again", [A, B], ["karplus-strong"]);
    const [first, ...rest] = readResults("again").cells;
    const touched = { ...first, figures: { ...first.figures, edrDb: 123.25 } };
    const error = { string: "textbook" as const, judgedOn: B, message: "it was too late" };
    rewrite("again", () => ({ cells: [touched, ...rest.slice(1)], errors: [error] }));
    const { stdout } = await ablate("again", [A, B], ["karplus-strong"]);
    const { cells, errors } = readResults("again");
    expect(cells).toEqual([touched, ...rest.slice(1), rest[0]]);
    expect(errors).toEqual([]);
    expect(stdout).toContain("| karplus-strong | 300 | a.wav | 123.25 |");
  });

  test("figures of other code are told from one's own", async () => {
    rewrite("again", ({ cells }) => ({
      cells: cells.map((cell, i) => ({ ...cell, git: i < 2 ? { commit: "abc", dirty: false } : cell.git })),
    }));
    const { stderr } = await ablate("again", [A, B], ["karplus-strong"]);
    expect(stderr).toBe("note: 2 of the figures in again were made by other code than this\n");
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
    [
      ["json"],
      [A, B],
      "--out json: there are results of another ablation (starts: [300], now [300,800]); name another folder\n",
    ],
    [
      ["x", ["textbooks"]],
      [A, B],
      /^--rows: expected some of karplus-strong,.*,residual,others, got textbooks\n$/,
    ],
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
        stderr: typeof message === "string" ? message : expect.stringMatching(message),
      });
    },
  );
});

test("--minutes and --steps at once are refused", async () => {
  await expect(run(A, B, "--minutes", "1", "--steps", "5")).rejects.toMatchObject({
    code: 2,
    stderr: "--minutes, --steps: expected one of them, got both; every training gets the same\n",
  });
});

describe("rows that train", () => {
  const train = (rows: string) =>
    run(A, B, "--rows", rows, "--seconds", "0.5", "--starts", "300", "--steps", "4", "--out", "trained");
  const runFolders = () => readdirSync(join(folder, "trained")).filter((name) => !name.includes("."));

  test("each gets the same steps, and judges each recording once; the residual is one of them", async () => {
    await train("linear,residual");
    const { trainings, cells, errors } = readResults("trained");
    expect(errors).toEqual([]);
    expect(trainings.map(({ string, judgedOn, steps }) => [string, judgedOn, steps])).toEqual([
      ["linear", A, 4],
      ["linear", B, 4],
      ["residual", A, 4],
      ["residual", B, 4],
    ]);
    expect(cells.map(({ string, judgedOn, tuned }) => [string, judgedOn, tuned])).toEqual([
      ["linear", A, false],
      ["linear", A, true],
      ["linear", B, false],
      ["linear", B, true],
      ["residual", A, false],
      ["residual", B, false],
    ]);
    // a string that was trained at all is within some 30 dB; and no model file promises what a residual cannot keep
    for (const cell of cells) expect(figureOf(cell, "edrDb")).toBeLessThan(30);
    expect(existsSync(join(folder, "trained/linear-1/model.safetensors"))).toBe(true);
    expect(existsSync(join(folder, "trained/residual-1/model.safetensors"))).toBe(false);
  });

  test("a training that came to its end serves again; one that was ended is begun anew, beside its folder", async () => {
    const before = readResults("trained");
    rewrite("trained", ({ cells, trainings }) => ({
      cells: cells.filter(({ judgedOn }) => judgedOn === B),
      trainings: trainings.filter(({ string, judgedOn }) => string !== "linear" || judgedOn === B),
    }));
    await train("linear,residual");
    const { cells, trainings } = readResults("trained");
    // the same seed and steps: the same bits
    const sorted = (all: Cell[]) => all.map((cell) => JSON.stringify(cell)).sort();
    expect(sorted(cells)).toEqual(sorted(before.cells));
    expect(trainings.map((training) => training.folder).sort()).toEqual([
      "linear-1.2",
      "linear-2",
      "residual-1",
      "residual-2",
    ]);
    expect(runFolders().sort()).toEqual(["linear-1", "linear-2", "residual-1", "residual-2"]);
  });
});
