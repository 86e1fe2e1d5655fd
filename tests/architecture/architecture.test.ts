// The rules of who imports whom, on sources made up here: whatever breaks one is named. That the real source breaks none and
// that the page is current is `pnpm lint`'s, which runs the same code (main.ts --check).
import { describe, expect, test } from "vitest";
import { fillArchitecture } from "./draw.ts";
import { type Imports, importsOf, readImports } from "./imports.ts";
import { brokenRules } from "./rules.ts";

const real = readImports();

/** The real sources, and these. */
function withSources(sources: Record<string, string>): Imports {
  return new Map([
    ...real,
    ...Object.entries(sources).map(([file, text]) => [file, importsOf(file, text)] as const),
  ]);
}

describe("importsOf", () => {
  test("finds what a file imports, by whatever door, and tells types from what runs", () => {
    const source = `/** import "nothing" */
import { readFileSync } from "node:fs";
import type { A } from "./a.ts";
import { type B, type C } from "../b.ts";
import { type D, d } from "@neural-string/core-wasm/rollout";
export {
  one,
  two,
} from "./more/e.ts";
import "uplot/dist/uPlot.min.css";
const worker = new Worker(new URL("./worker.ts", import.meta.url));
const later = await import("@tensorflow/tfjs");
`;
    const tell = importsOf("packages/trainer/src/x.ts", source).map(
      ({ to, isType, isThread }) => `${to}${isType ? " type" : ""}${isThread ? " thread" : ""}`,
    );
    expect(tell.sort()).toEqual([
      "@tensorflow/tfjs",
      "node:fs",
      "packages/core-wasm/src/rollout.ts",
      "packages/trainer/b.ts type",
      "packages/trainer/src/a.ts type",
      "packages/trainer/src/more/e.ts",
      "packages/trainer/src/worker.ts thread",
      "uplot",
    ]);
  });
});

describe("brokenRules", () => {
  test.each([
    ["core-wasm with a dependency", "packages/core-wasm/src/x.ts", 'import { z } from "zod";'],
    [
      "contracts that know a player",
      "packages/shared/src/x.ts",
      'import { Core } from "@neural-string/core-wasm";',
    ],
    [
      "training that reads files",
      "packages/trainer/src/core/x.ts",
      'import { writeWhole } from "../files.ts";',
    ],
    ["measures that train", "packages/trainer/src/measure/x.ts", 'import { Loss } from "../core/loss.ts";'],
    ["tensors where there are none", "packages/trainer/src/x.ts", 'import * as tf from "@tensorflow/tfjs";'],
    [
      "a page with the trainer's command",
      "packages/playground/src/audition/x.ts",
      'import { train } from "@neural-string/trainer/commands/train";',
    ],
    ["a trainer that knows pages", "packages/trainer/src/x.ts", 'import "@neural-string/playground/models";'],
    ["a package that needs its tests", "packages/shared/src/x.ts", 'import "../../../tests/support/cli.ts";'],
  ])("names %s", (_, file, source) => {
    const broken = brokenRules(withSources({ [file]: source }));
    expect(broken.length).toBeGreaterThan(0);
    for (const sentence of broken) expect(sentence).toContain(file);
  });

  test("names two files that import each other, but not two that share types or start each other's threads", () => {
    const [a, b] = ["packages/trainer/src/a.ts", "packages/trainer/src/b.ts"];
    const around = (back: string) =>
      brokenRules(withSources({ [a]: 'import { b } from "./b.ts";', [b]: back }));
    expect(around('import { a } from "./a.ts";')).toHaveLength(1);
    expect(around('import type { A } from "./a.ts";')).toEqual([]);
    expect(around('new Worker(new URL("./a.ts", import.meta.url));')).toEqual([]);
  });
});

describe("fillArchitecture", () => {
  test("refuses a file that belongs to no part", () => {
    const lost = withSources({ "packages/lost/x.ts": "" });
    const page = "<!-- imports:packages -->\n<!-- /imports:packages -->";
    expect(() => fillArchitecture(page, withSources({ "elsewhere/x.ts": "" }))).toThrow(
      /elsewhere\/x\.ts: belongs to no part/,
    );
    expect(() => fillArchitecture(page, lost)).toThrow(/lacks its two markers/);
  });
});
