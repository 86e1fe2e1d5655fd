// core-wasm as it is published: what linters of packages say of it, and an empty project that installs and plays it, on
// every Node that is promised.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { writeModelFile } from "@neural-string/shared";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedFile } from "../support/packed-package.ts";
import { makePassiveModel } from "../support/passive-models.ts";

let packed: string;
let folder: string;
beforeAll(() => {
  packed = packedFile();
  folder = mkdtempSync(join(tmpdir(), "neural-string-project-"));
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed package", () => {
  test("publint has nothing to say", async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(packed);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test("types resolve to what runs, for bundlers and for Node's modules", async () => {
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(packed))), {
      // binaries have no types
      excludeEntrypoints: [/\.wasm$/, "./package.json"],
    });
    if (!analysis.types) throw new Error("no types at all");
    expect(Object.keys(analysis.entrypoints).length).toBeGreaterThan(3);
    // the package is of modules only: who requires it needs a Node that can (22 on), and says so in his own config
    const modern = analysis.problems.filter(
      (problem) =>
        !("resolutionKind" in problem) || ["bundler", "node16-esm"].includes(problem.resolutionKind),
    );
    expect(modern).toEqual([]);
  });

  test("is refused by packers that would leave the exports of our sources in it", () => {
    const packing = spawnSync("npm", ["pack", "--dry-run"], {
      cwd: fileURLToPath(new URL("../../packages/core-wasm", import.meta.url)),
      encoding: "utf8",
    });
    expect(packing.status).not.toBe(0);
    expect(packing.stderr).toContain("core-wasm: expected to be packed or published by pnpm, got npm-cli.js");
  });

  test("tells whose code is in it", () => {
    execFileSync("tar", ["-xzf", packed, "-C", folder]);
    const notices = readFileSync(join(folder, "package/dist/third-party-notices.txt"), "utf8");
    expect(notices).toContain("AssemblyScript");
    expect(notices).toContain("Apache License");
    const files = readdirSync(join(folder, "package"));
    for (const file of ["LICENSE", "README.md", "CHANGELOG.md"]) expect(files).toContain(file);
  });
});

describe("an empty project", () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { bestBuild, Core, readModelFile, Resonator } from "@neural-string/core-wasm";
    import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
    const wasm = readFileSync(new URL(import.meta.resolve(\`@neural-string/core-wasm/\${bestBuild()}.wasm\`)));
    const string = new Resonator(new Core(wasm), readModelFile(readFileSync("model.safetensors")));
    string.pluck();
    const block = new Float32Array(4096);
    string.process(block);
    console.log(process.version.split(".")[0], typeof RolloutTrainer, Math.max(...block) > 1e-3);`;

  beforeAll(() => {
    mkdirSync(join(folder, "project"));
    writeFileSync(join(folder, "project/package.json"), '{ "type": "module", "private": true }');
    writeFileSync(join(folder, "project/play.js"), program);
    const { header, tensors } = makePassiveModel({ sampleRate: 44100, f0: 110, taps: 128, gain: 0.997 });
    writeFileSync(join(folder, "project/model.safetensors"), writeModelFile({ header, tensors }));
    // it depends on nothing, so no registry is needed
    inProject("npm", "install", "--offline", "--no-audit", "--no-fund", packed);
  }, 120_000);

  test("installs it and plays, on this Node", () => {
    expect(inProject(process.execPath, "play.js").trim()).toBe(
      `${process.version.split(".")[0]} function true`,
    );
  });

  test("and on Node 24", ({ skip }) => {
    try {
      inProject("npx", "-y", "node@24", "--version");
    } catch (error) {
      if (process.env.CI) throw error;
      skip("Node 24 cannot be fetched here");
    }
    expect(inProject("npx", "-y", "node@24", "play.js").trim()).toBe("v24 function true");
  }, 120_000);

  function inProject(command: string, ...args: string[]): string {
    return execFileSync(command, args, {
      cwd: join(folder, "project"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
});
