// The table of tolerances in core-wasm's README is the one that the tests use, row by row and word by word; and no
// kernel is left out of it.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { limitInWords, TOLERANCES, WITHOUT_NUMBERS } from "../support/kernel-tolerances.ts";

const readme = readFileSync(new URL("../../packages/core-wasm/README.md", import.meta.url), "utf8");

/** The cells of the table whose first column has this title. */
function tableUnder(title: string): string[][] {
  const lines = readme.split("\n");
  const head = lines.findIndex((line) => line.startsWith(`| ${title}`));
  const after = lines.slice(head + 2);
  const rows = after.slice(
    0,
    after.findIndex((line) => !line.startsWith("|")),
  );
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("the README quotes the table of tolerances", () => {
  const expected = Object.values(TOLERANCES).map((row) => [row.kernel, limitInWords(row), row.reason]);
  expect(tableUnder("kernel ")).toEqual(expected);
});

test("no file of the assembly is left out of it", () => {
  const folder = new URL("../../packages/core-wasm/assembly/", import.meta.url);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const kernels = names.filter((name) => name.endsWith(".ts")).map((name) => name.slice(0, -3));
  const covered = new Set([...Object.values(TOLERANCES).flatMap(({ files }) => files), ...WITHOUT_NUMBERS]);
  expect(kernels.filter((name) => !covered.has(name))).toEqual([]);
  expect([...covered].filter((name) => !kernels.includes(name))).toEqual([]);
});
