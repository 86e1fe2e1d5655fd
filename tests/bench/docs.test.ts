// What is made of a run: the page's parts between their markers, plots, rows; and that the page in the docs is its run's.
import { existsSync, readFileSync } from "node:fs";
import { parseJsonOrExplain, parseOrExplain } from "@neural-string/shared";
import { describe, expect, test } from "vitest";
import { drawCurves, fillPage, markdown, PLOTS_FOLDER } from "./docs.ts";
import { curveRows, machineLines, resultRows, targetRows } from "./figures.ts";
import { benchRun } from "./fixture.ts";
import { BenchRunSchema } from "./schema.ts";
import { printedRun } from "./screen.ts";

const PARTS = ["machine", "targets", "table", "comparisons", "realtime", "sizes", "profile"];
const CURVES = ["curve-units", "curve-block"];
const docs = new URL("../../docs/", import.meta.url);
const pageOf = (parts: string[]) =>
  `# Title\n\n${parts.map((name) => `Words on ${name}.\n\n<!-- bench:${name} -->\nold figures\n<!-- /bench:${name} -->\n`).join("\n")}`;

describe("fillPage", () => {
  const page = pageOf([...PARTS, ...CURVES]);
  const filled = fillPage(page, benchRun());

  test("replaces what stands between markers, and nothing else", () => {
    expect(filled).not.toContain("old figures");
    const outside = (text: string) =>
      text.replaceAll(/(<!-- bench:([a-z-]+) -->)[\s\S]*?(<!-- \/bench:\2 -->)/g, "$1$3");
    expect(outside(filled)).toBe(outside(page));
    expect(fillPage(filled, benchRun())).toBe(filled);
  });

  test("holds every figure of the run", () => {
    expect(filled).toContain("Test CPU, 2 cores, 8 GiB, Linux 6, Node 22.0.0 (V8 12.4)");
    expect(filled).toMatch(
      /\| relaxed +\| +100 \| +50–200 \| +1 \| +10\.0 \| +20\.0 \| +50 % \| +200 \| +-120 +\|/,
    );
    expect(filled).toContain("- pytorch is left out: python3 has no torch");
    expect(filled).toMatch(/\| passive +\| relaxed \| shifted-sums\/addSumsBackwards \| +85\.0 % \|/);
    expect(filled).toContain(`![A curve](${PLOTS_FOLDER}/units.svg)`);
  });

  test("refuses a page that lacks a part or has one too many", () => {
    expect(() => fillPage(pageOf(PARTS), benchRun())).toThrow(
      "bench:curve-units: the page lacks its two markers",
    );
    expect(() => fillPage(pageOf([...PARTS, ...CURVES, "more"]), benchRun())).toThrow(
      "bench:more: the run has no such part",
    );
    const unclosed = page.replace("<!-- /bench:sizes -->", "");
    expect(() => fillPage(unclosed, benchRun())).toThrow("bench:sizes: the page lacks its two markers");
  });
});

describe("rows", () => {
  test("of a workload: its engines alone, a dash where a figure means nothing", () => {
    const rows = resultRows(benchRun().results, "passive");
    expect(rows.map(([engine]) => engine)).toEqual(["engine", "relaxed", "js"]);
    expect(rows[2]).toEqual(["js", "1230", "617–2470", "12.3", "–", "20.0", "–", "200", "exact"]);
  });

  test("of a curve: each point's share where it is per something, and the whole", () => {
    const [units, block] = benchRun().curves;
    expect(curveRows(units)).toEqual([
      ["hidden units", "relaxed ns", "ns per unit", "simd ns", "ns per unit"],
      ["1", "10", "10", "15", "15"],
      ["2", "20", "10", "30", "15"],
      ["4", "40", "10", "60", "15"],
    ]);
    expect(curveRows(block)[1]).toEqual(["1", "80"]);
  });

  test("of the targets: in words", () => {
    expect(
      targetRows(benchRun().targets)
        .slice(1)
        .map(([, value, word]) => [value, word]),
    ).toEqual([
      ["0.62", "met"],
      ["1.4", "not met"],
      ["–", "not measured"],
    ]);
  });

  test("on the machine: a loop that is not fused says so", () => {
    expect(machineLines(benchRun())[1]).toContain("20.0 GMAC/s of one-rounding multiply-adds");
    expect(machineLines({ ...benchRun(), fmaIsFused: false })[1]).toContain("no relaxed SIMD");
  });
});

test("markdown: columns of numbers to the right", () => {
  expect(
    markdown([
      ["name", "ns"],
      ["a", "1.5"],
      ["longer", "10"],
    ]),
  ).toBe("| name   |  ns |\n| ------ | --: |\n| a      | 1.5 |\n| longer |  10 |");
});

test("drawCurves: a file a curve", () => {
  const plots = drawCurves(benchRun());
  expect([...plots.keys()]).toEqual(["units.svg", "block.svg"]);
  expect(plots.get("units.svg")).toContain("A curve, per unit");
});

test("printedRun: every part under its title, the targets that were measured last", () => {
  const text = printedRun(benchRun());
  for (const title of ["passive", "rollout", "Sizes", "A curve", "Blocks", "Where the time goes"])
    expect(text).toContain(`\n\n${title}\n`);
  expect(text).toMatch(/\nanother <= 1 +1\.4 +not met\n/);
  expect(text.endsWith("\n\n1 further targets are about what this run has not measured.")).toBe(true);
});

test("the schema takes the fixture, and nothing that lacks a figure or has another", () => {
  expect(parseOrExplain(BenchRunSchema, benchRun(), "run")).toEqual(benchRun());
  const [first] = benchRun().results;
  for (const wrong of [
    { ...first, nsPerSample: 0 },
    { ...first, engine: "abacus" },
    { ...first, extra: 1 },
  ])
    expect(() => parseOrExplain(BenchRunSchema, { ...benchRun(), results: [wrong] }, "run")).toThrow(
      /^run: /,
    );
});

describe("docs/benchmarks.md", () => {
  const run = parseJsonOrExplain(
    BenchRunSchema,
    readFileSync(new URL(`${PLOTS_FOLDER}/run.json`, docs), "utf8"),
    "run.json",
  );

  test("holds the figures of its run, none written by hand", () => {
    const page = readFileSync(new URL("benchmarks.md", docs), "utf8");
    expect(fillPage(page, run) === page, "pnpm bench:wasm --from FILE --docs").toBe(true);
  });

  test("and its plots are its run's", () => {
    for (const [name, plot] of drawCurves(run)) {
      const file = new URL(`${PLOTS_FOLDER}/${name}`, docs);
      expect(existsSync(file), name).toBe(true);
      // not toBe, which would print both pictures
      expect(readFileSync(file, "utf8") === plot, `${name}: pnpm bench:wasm --from FILE --docs`).toBe(true);
    }
  });
});
