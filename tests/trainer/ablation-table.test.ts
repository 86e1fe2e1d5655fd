// The docs' ablation is what results.json says, and nothing else of the document changes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { type Cell, type Results, ResultsSchema } from "../../packages/trainer/bench/ablation-results.ts";
import { BEGIN, END, withTables, writeDocs } from "../../packages/trainer/bench/ablation-table.ts";
import { repositoryRoot, temporaryFolder } from "../support/audio-files.ts";

const git = { commit: "0123456789abcdef", dirty: false };

function cell(
  string: Cell["string"],
  judgedOn: string,
  edrDb: number | null,
  more: Partial<Cell> = {},
): Cell {
  const figures = { edrDb, lsdDb: 1, edcDb: 2, partialDb: 3, cents: 0.5 };
  return { string, tuned: false, start: 100, judgedOn, figures, failures: [], git, ...more };
}

const RESULTS: Results = {
  settings: {
    recordings: ["a.wav", "b.wav"].map((name) => ({ name, sha256: name })),
    starts: [100],
    seconds: 5,
    budget: { minutes: 2, seed: 3 },
  },
  versions: {},
  trainings: [
    { string: "mixture", judgedOn: "a.wav", folder: "mixture-1", steps: 900, minutes: 2, git },
    { string: "mixture", judgedOn: "b.wav", folder: "mixture-2", steps: 950, minutes: 2, git },
  ],
  // in another order than the table's
  cells: [
    cell("mixture", "a.wav", 1),
    cell("mixture", "b.wav", 2),
    cell("mixture", "a.wav", 0.5, { tuned: true }),
    cell("mixture", "b.wav", 1, { tuned: true }),
    cell("karplus-strong", "a.wav", 15, { failures: ["rings forever"] }),
    cell("karplus-strong", "b.wav", null, { failures: ["rings forever", "settles on DC"] }),
    cell("residual", "b.wav", 2),
  ],
  errors: [],
};

const TABLES = `Means over 2 recordings (a.wav, b.wav), each judged once by strings made from the others,
5 s free-running. Every training gets the same time, 2 min on this machine, whatever steps they come to (seed 3).
Tuned strings listen for the recording's pitch in the samples that excite them.
Made by 0123456.

Started after 100 samples of the recording:

| string                                                       | steps      | EDR   | LSD  | EDC  | partials | cents | named failures               |
| ------------------------------------------------------------ | ---------- | ----- | ---- | ---- | -------- | ----- | ---------------------------- |
| plain Karplus-Strong                                         | -          | 15.00 | 1.00 | 2.00 | 3.00     | 0.50  | rings forever, settles on DC |
| + level-driven mixture, this string                          | 900 to 950 | 1.50  | 1.00 | 2.00 | 3.00     | 0.50  |                              |
| + level-driven mixture, this string, tuned (\`--tune auto\`)   | 900 to 950 | 0.75  | 1.00 | 2.00 | 3.00     | 0.50  |                              |
| + per-sample residual (no guarantee) (1 of 2 recordings)     | -          | 2.00  | 1.00 | 2.00 | 3.00     | 0.50  |                              |
`;

describe("withTables", () => {
  test("puts means, steps and failures between the marks, and leaves the rest", () => {
    const text = `before\n${BEGIN}\nold\n${END}\nafter\n`;
    const whole = withTables(text, RESULTS) ?? "";
    const [before, tables, after] = whole.split(new RegExp(`${BEGIN}|${END}`));
    expect([before, after]).toEqual(["before\n", "\nafter\n"]);
    const squeezed = (s: string) => s.replaceAll(/ +\|/g, " |").replaceAll(/-+ \|/g, "--- |").trim();
    expect(squeezed(tables)).toBe(squeezed(TABLES));
    // every line of the table is as long as its head
    const lengths = tables.split("\n").flatMap((line) => (line.startsWith("|") ? line.length : []));
    expect(new Set(lengths).size).toBe(1);
    expect(withTables(whole, RESULTS)).toBe(whole);
  });

  test("says whether it is time or steps that all have alike, and which code it was", () => {
    const text = `${BEGIN}${END}`;
    const settings = { ...RESULTS.settings, budget: { steps: 400, seed: 1 } };
    const cells = [
      cell("textbook", "a.wav", 1),
      cell("textbook", "b.wav", 1, { git: { ...git, dirty: true } }),
    ];
    const whole = withTables(text, { ...RESULTS, settings, cells }) ?? "";
    expect(whole).toContain(
      "Every training gets the same number of steps, 400, whatever they take (seed 1).",
    );
    expect(whole).toContain("Made by 0123456, 0123456 with changes.");
    expect(whole).not.toContain("Tuned strings");
  });
});

describe("writeDocs", () => {
  const folder = temporaryFolder();

  test("writes the document, and beside it what it was made from", () => {
    const path = join(folder, "page.md");
    writeFileSync(path, `${BEGIN}\n${END}\n`);
    writeDocs(path, RESULTS);
    const kept = JSON.parse(readFileSync(join(folder, "results/ablation.json"), "utf8"));
    expect(kept).toEqual(RESULTS);
    expect(readFileSync(path, "utf8")).toBe(withTables(`${BEGIN}\n${END}\n`, RESULTS));
  });

  test("a document without the marks is refused, and nothing is written", () => {
    mkdirSync(join(folder, "other"));
    const path = join(folder, "other/page.md");
    writeFileSync(path, `${END} ${BEGIN}`);
    expect(() => writeDocs(path, RESULTS)).toThrow(
      new UserError(`${path}: expected the lines ${BEGIN} and ${END}, got none; put them in`),
    );
    expect(existsSync(join(folder, "other/results"))).toBe(false);
  });
});

describe("docs/how-the-passive-string-works.md", () => {
  const text = readFileSync(join(repositoryRoot, "docs/how-the-passive-string-works.md"), "utf8");
  const results = join(repositoryRoot, "docs/results/ablation.json");

  test("has one place for the tables", () => {
    expect(text.split(BEGIN)).toHaveLength(2);
    expect(text.split(END)).toHaveLength(2);
    expect(withTables(text, RESULTS)).not.toBeNull();
  });

  test.runIf(existsSync(results))("says what docs/results/ablation.json says", () => {
    const known = ResultsSchema.parse(JSON.parse(readFileSync(results, "utf8")));
    expect(withTables(text, known)).toBe(text);
  });
});
