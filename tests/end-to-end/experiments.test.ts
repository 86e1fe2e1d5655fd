// `pnpm experiments`: trains what is missing, goes on where it was, and tells all of it as a table. A few steps each.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrainConfigSchema } from "@neural-string/shared";
import { fillMarked } from "@neural-string/trainer/experiments/docs";
import { ROWS } from "@neural-string/trainer/experiments/rows";
import { rowConfig, stabilityFile } from "@neural-string/trainer/experiments/run-rows";
import { cells, HEAD, markdownTables, rowResult } from "@neural-string/trainer/experiments/table";
import { RunFolder } from "@neural-string/trainer/run-folder";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/audio-files.ts";
import { run } from "../support/cli.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "experiments-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const experiments = (...args: string[]) => run(folder, "experiments", "--steps", "4", ...args);

describe("pnpm experiments", () => {
  test("trains each row once, into a run folder of its own, and shows the table", {
    timeout: 240_000,
  }, async () => {
    const first = await experiments("--only", "ks-linear,ks-penalty");
    expect(first.code, first.stderr).toBe(0);
    const runs = join(folder, "runs", "experiments");
    const folders = () => readdirSync(runs).filter((name) => /^\d/.test(name));
    expect(folders()).toEqual(["0001-classic-ks-linear", "0002-classic-ks-penalty"]);
    expect(readdirSync(join(runs, folders()[0]))).toContain("render.wav");
    expect(first.stdout).toMatch(/ks-penalty +4 +\d/);

    const again = await experiments("--only", "ks-linear,ks-penalty", "--json");
    expect(again.stderr).toContain("finished already");
    expect(folders()).toHaveLength(2);
    const told = again.stdout
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
      .filter(({ type }) => type === "experiment");
    expect(told.map(({ id, record }) => [id, record.stepsDone])).toEqual([
      ["ks-linear", 4],
      ["ks-penalty", 4],
    ]);

    const [row] = ROWS;
    const page = markdownTables([rowResult(row, new RunFolder(join(runs, folders()[0])))]);
    expect(page).toContain("[ks-linear](../packages/trainer/experiments/ks-linear.json): no hidden layer");
    expect(page).toContain("0001-classic-ks-linear/render.wav");
  });

  test.each([
    [["--only", "ks-square"], /^--only ks-square: no such experiment; there are ks-linear, .*\n$/],
    [["--minutes", "1"], /^--minutes, --steps: expected one of them, got both; leave one out\n$/],
    // before anything is trained
    [["--docs", "--only", "ks-linear"], /^--docs: expected all rows, got some; leave --only out\n$/],
  ])("%o is refused in one sentence", async (args, message) => {
    const { code, stderr } = await experiments(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe("the rows", () => {
  test("each has a config that the schema takes, named after it, judged on what it is not trained on", () => {
    for (const { id } of ROWS) {
      const config = TrainConfigSchema.parse(rowConfig(id));
      expect(config.name).toBe(id);
      const trained = config.recordings.map((source) => JSON.stringify(source));
      expect(config.judge.recordings.length).toBe(1);
      expect(trained).not.toContain(JSON.stringify(config.judge.recordings[0]));
    }
    const files = readdirSync(join(repositoryRoot, "packages/trainer/experiments"));
    expect(files.toSorted()).toEqual(ROWS.map(({ id }) => `${id}.json`).toSorted());
  });

  test("rows that ask about one thing differ in that alone", () => {
    const differing = (a: string, b: string) => {
      const [x, y] = [a, b].map((id) => flat(TrainConfigSchema.parse(rowConfig(id))));
      return Object.keys({ ...x, ...y }).filter((path) => x[path] !== y[path] && path !== "name");
    };
    expect(differing("ks-linear", "ks-linear-symmetric")).toEqual(["data.symmetric"]);
    expect(differing("ks-linear", "ks-hidden")).toEqual(["model.hidden"]);
    expect(differing("taps-near", "taps-period")).toEqual(["model.tapPattern"]);
    expect(differing("loss-energy", "loss-relative")).toEqual(["training.loss.name", "training.loss.floor"]);
    expect(differing("net-small", "taps-period")).toEqual(["model.hidden"]);
    expect(differing("decay-feature", "taps-period")).toEqual(["model.features"]);
    expect(
      differing("sequence-training", "taps-period").every((path) => path.startsWith("training.rollout")),
    ).toBe(true);
  });

  test("other recordings take the place of those that are named, generated strings stay", () => {
    const strings = { recordings: ["a.wav", "b.wav"], judge: ["c.wav"], skip: 7 };
    expect(rowConfig("first-try", strings)).toMatchObject({
      recordings: ["a.wav"],
      judge: { recordings: ["c.wav"], skip: 7 },
    });
    expect(rowConfig("ks-linear", strings)).toEqual(rowConfig("ks-linear"));
  });

  test("stability recordings are named after the runs they are made from: others make others", () => {
    const made = (unstable: string, stable: string) =>
      stabilityFile("x", join("x", unstable), join("x", stable));
    const [quick, full] = [made("0001-near", "0002-sequence"), made("0017-near", "0018-sequence")];
    expect(quick).toBe(join("x", "stability-0001-near-by-0002-sequence.wav"));
    expect(full).not.toBe(quick);
  });

  test("a row that has not been trained says so", () => {
    const line = cells(rowResult(ROWS[0], undefined));
    expect(line).toHaveLength(HEAD.length);
    expect(line.at(-1)).toBe("not trained");
  });
});

describe("the docs page", () => {
  test("has the tables' markers, and names every row", () => {
    const page = readFileSync(join(repositoryRoot, "docs/experiments.md"), "utf8");
    const filled = fillMarked(fillMarked(page, "experiments:table", "TABLE"), "experiments:speed", "SPEED");
    expect(filled).toContain("<!-- experiments:table -->\n\nTABLE\n\n<!-- /experiments:table -->");
    for (const { id } of ROWS) expect(page, id).toContain(`\`${id}\``);
  });

  test("a page without markers is refused", () => {
    expect(() => fillMarked("text", "experiments:table", "x")).toThrow(/lacks its two markers/);
  });
});

/** A config's leaves by their paths; lists as a whole. */
function flat(value: unknown, path = ""): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { [path]: JSON.stringify(value) };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flat(inner, path ? `${path}.${key}` : key)),
  );
}
