// Measured numbers are generated between markers; the few that are typed elsewhere name their source: a date in the log, a
// month, a file of results, or the command or test that measures.
import { describe, expect, test } from "vitest";
import { type Page, proseOf, readPages, readText } from "../support/markdown.ts";

const NUMBER = "(\\d[\\d.,]*|one|two|three|four|five|six|ten|half)";
const UNIT = "(µs|ns|ms|s|seconds?|minutes?|hours?|dB|cents|KiB|MB|kB|%|times)";
const MEASURED = new RegExp(
  [
    `\\b(?:took|takes)(?: about| some| under)?\\s+${NUMBER} ?${UNIT}(?![\\w/])`,
    // within a sentence
    `\\bmeasured\\b(?:[^.|]|\\.\\d)*?\\b${NUMBER} ?${UNIT}(?![\\w/])`,
    `\\b${NUMBER} ?${UNIT} (?:was|were) measured\\b`,
  ].join("|"),
);
const SOURCE =
  /20\d\d-\d\d-\d\d|(October|November|December) 20\d\d|LOG\.md|results\/|benchmarks\.md|tests\/|the project's brief|`(?:pnpm|node) [^`]+`/;

/** Paragraphs that tell a measurement and not where it is from. */
function unsourced(text: string): string[] {
  const typed = text
    .replaceAll(/<!-- ([\w:-]+)(?:: [^>]*)? -->[\s\S]*?<!-- (?:\/|end of )\1 -->/g, "")
    // what stands in backticks may be the source: it stays
    .replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "");
  return typed
    .split(/\n\s*\n/)
    .filter((paragraph) => MEASURED.test(proseOf(paragraph)) && !SOURCE.test(paragraph));
}

const pages = readPages().filter(({ path }) => path !== "docs/LOG.md");

describe("numbers that were measured", () => {
  test.each(pages)("$path names their source", ({ text }: Page) => {
    expect(unsourced(text)).toEqual([]);
  });

  test("a number without a source is found, one with a source or between markers is not", () => {
    expect(unsourced("A step took 5.2 ms here.\n\nIt is 5 ms long.")).toEqual(["A step took 5.2 ms here."]);
    expect(unsourced("It takes about three minutes.")).toHaveLength(1);
    expect(unsourced("A step took 5.2 ms (docs/LOG.md, 2026-11-25).")).toEqual([]);
    expect(unsourced("A step takes 5 ms: `pnpm bench:wasm`.")).toEqual([]);
    expect(unsourced("<!-- bench:a -->\n\nIt took 5 ms.\n\n<!-- /bench:a -->")).toEqual([]);
  });
});

describe("docs/laws.md", () => {
  /** What is told before a generated table, and the numbers in it. */
  const sections = [
    ...readText("docs/laws.md").matchAll(
      /^## (.*)\n([\s\S]*?)<!-- laws:\S+ -->([\s\S]*?)<!-- \/laws:\S+ -->/gm,
    ),
  ].map(([, title, prose, table]) => ({ title, told: decimalsOf(prose), table: decimalsOf(table) }));

  function decimalsOf(text: string): string[] {
    return text.match(/\d+\.\d+(e-?\d+)?/g) ?? [];
  }

  /** A number that is told is one of the table's, rounded perhaps. */
  const isIn = (told: string, table: readonly string[]) =>
    table.some((number) => Number(number).toFixed(told.split(".")[1].length) === told);

  test("tells no number that its generated tables do not have", () => {
    expect(sections.flatMap(({ told }) => told).length).toBeGreaterThan(3);
    for (const { title, told, table } of sections)
      expect(
        told.filter((number) => !isIn(number, table)),
        title,
      ).toEqual([]);
    expect(isIn("0.016", ["0.0158"])).toBe(true);
    expect(isIn("0.017", ["0.0158"])).toBe(false);
  });
});
