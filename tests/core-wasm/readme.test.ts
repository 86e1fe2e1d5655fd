// The README's code runs: in Node as it stands, against the package as it is packed; the worklet's in a scope that has
// what a worklet has. The page's is clicked in tests/browser/examples.test.ts.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeModelFile } from "@neural-string/shared";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocksOf, readPages } from "../support/markdown.ts";
import { codeBlocks, unpackPackage } from "../support/packed-package.ts";
import { makePassiveModel } from "../support/passive-models.ts";

const folder = mkdtempSync(join(tmpdir(), "neural-string-readme-"));
const installed = join(folder, "node_modules/@neural-string/core-wasm");

beforeAll(() => {
  unpackPackage(installed);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const { header, tensors } = makePassiveModel({ sampleRate: 44100, f0: 110, taps: 128, gain: 0.997 });
  writeFileSync(join(folder, "model.safetensors"), writeModelFile({ header, tensors }));
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Run code in Node where the package is installed. @returns what it printed */
function run(name: string, code: string): string {
  writeFileSync(join(folder, name), code);
  return execFileSync(process.execPath, [name], { cwd: folder, encoding: "utf8" });
}

/** The block under a heading that holds a text. */
function blockWith(text: string): string {
  const found = codeBlocks().filter((code) => code.includes(text));
  expect(found, text).toHaveLength(1);
  return found[0];
}

describe("core-wasm's README", () => {
  test("in Node: a pluck", () => {
    const code = blockWith("string.pluck()");
    expect(Number(run("pluck.js", `${code}\nconsole.log(Math.max(...block));`))).toBeGreaterThan(1e-3);
  });

  test("and in the repository's own, the same", () => {
    const [code, ...more] = codeBlocks("README.md");
    expect(more).toEqual([]);
    expect(Number(run("root.js", `${code}\nconsole.log(Math.max(...block));`))).toBeGreaterThan(1e-3);
  });

  test("no page has JavaScript that is not run here, but for the page's, which is clicked in tests/browser", () => {
    const counts = readPages().map(({ path, text }) => {
      const languages = codeBlocksOf(text).map(({ language }) => language);
      const count = languages.filter((language) => /^(js|ts|javascript|typescript)\b/.test(language)).length;
      return { path, count };
    });
    expect(counts.filter(({ count }) => count > 0)).toEqual([
      { path: "README.md", count: 1 },
      { path: "packages/core-wasm/README.md", count: 4 },
    ]);
    expect(codeBlocks().filter((code) => code.includes("createStringNode("))).toHaveLength(1);
  });

  test("in Node: an instrument", () => {
    const code = blockWith("voices.tune(");
    const [early, late, sounding] = run(
      "voices.js",
      `${code}\nconsole.log(Math.max(...sound.subarray(0, 24000)), Math.max(...sound.subarray(47000)), voices.sounding);`,
    ).split(" ");
    expect(Number(early)).toBeGreaterThan(1e-2);
    expect(Number(late)).toBeGreaterThan(0);
    expect(Number(sounding)).toBe(2);
  });

  test("in a worklet's scope: a processor of one's own", () => {
    const code = blockWith("registerProcessor(");
    mkdirSync(join(folder, "scope"), { recursive: true });
    const scope = `
      import { readFileSync } from "node:fs";
      import { Core, readModelFile, StringTuner } from "@neural-string/core-wasm";
      globalThis.sampleRate = 44100;
      globalThis.AudioWorkletProcessor = class { port = {}; };
      let Processor;
      globalThis.registerProcessor = (_, made) => { Processor = made; };
      const wasm = readFileSync(new URL(import.meta.resolve("@neural-string/core-wasm/simd.wasm")));
      const model = readModelFile(readFileSync("model.safetensors"));
      const tunings = [110, 165].map((f0) => new StringTuner(new Core(wasm), model).tune(f0));
      // a worklet has none of these
      for (const name of ["fetch", "TextDecoder", "atob", "performance"]) {
        Object.defineProperty(globalThis, name, { get() { throw new Error(name); } });
      }
      await import("./processor.js");
      const processor = new Processor({ processorOptions: { wasm, model, tunings } });
      processor.port.onmessage({ data: { f0: 165, velocity: 0.5 } });
      const out = new Float32Array(128);
      for (let i = 0; i < 9; i++) processor.process([], [[out]]);
      console.log(Math.max(...out));`;
    writeFileSync(join(folder, "processor.js"), code);
    expect(Number(run("scope.js", scope))).toBeGreaterThan(1e-4);
  });

  test("the package has no dependencies, and every door it names", () => {
    const packed = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    expect(packed.dependencies ?? {}).toEqual({});
    for (const door of Object.values<string | { types: string; default: string }>(packed.exports)) {
      for (const file of typeof door === "string" ? [door] : Object.values(door)) {
        expect(existsSync(join(installed, file)), file).toBe(true);
      }
    }
    expect(readFileSync(join(installed, "dist/worklet.js"), "utf8")).not.toMatch(/^\s*import\b|\bimport\(/m);
    const sources = readdirSync(join(installed, "dist")).filter((name) => name.endsWith(".js"));
    for (const name of sources) {
      const imports = readFileSync(join(installed, "dist", name), "utf8").matchAll(/\bfrom "([^"]+)"/g);
      for (const [, from] of imports) expect(from, name).toMatch(/^\.\//);
    }
  });
});
