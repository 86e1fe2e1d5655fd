// Node 22 runs all three builds, so every law here is tested on all of them; each build says what it needs.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { BUILDS, bestBuild, supportedBuilds } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { buildBytes } from "../support/core-builds.ts";

describe("supportedBuilds", () => {
  test("lists all three in Node 22, fastest first", () => {
    expect(supportedBuilds()).toEqual(["relaxed", "simd", "scalar"]);
    expect(bestBuild()).toBe("relaxed");
  });

  test.each(BUILDS)("%s is a valid module that imports nothing", (build) => {
    expect(WebAssembly.validate(buildBytes(build))).toBe(true);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(buildBytes(build)))).toEqual([]);
  });

  test.each(BUILDS)("%s is under 32 KiB, as the READMEs say", (build) => {
    expect(buildBytes(build).byteLength).toBeLessThan(32 * 1024);
  });

  test("an engine without relaxed SIMD, or without SIMD, gets the build below", () => {
    const { validate } = WebAssembly;
    const probes: number[] = [];
    const refusing = (longest: number) => (bytes: BufferSource) => {
      probes.push(bytes.byteLength);
      return bytes.byteLength <= longest && validate(bytes);
    };
    try {
      WebAssembly.validate = refusing(35);
      expect(supportedBuilds()).toEqual(["simd", "scalar"]);
      WebAssembly.validate = refusing(0);
      expect(bestBuild()).toBe("scalar");
    } finally {
      WebAssembly.validate = validate;
    }
    expect(Math.max(...probes)).toBeLessThan(64);
  });
});

test("the build script refuses words it would not hear", () => {
  const script = fileURLToPath(new URL("../../packages/core-wasm/build.ts", import.meta.url));
  const { status, stderr, stdout } = spawnSync(process.execPath, [script, "relaxed"], { encoding: "utf8" });
  expect(stderr).toBe("pnpm build: expected no arguments, got relaxed; it builds all there is\n");
  expect([status, stdout]).toEqual([2, ""]);
});
