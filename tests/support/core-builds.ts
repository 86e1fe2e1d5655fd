/**
 * Loads the builds of the core for tests: every law is tested on each build that this machine runs. Node 22 runs
 * all three; that it does is a test of its own (builds.test.ts), so none can be left out unnoticed.
 */
import { readFileSync } from "node:fs";
import {
  type Build,
  Core,
  type ExciteOptions,
  Resonator,
  type StringModel,
  supportedBuilds,
} from "@neural-string/core-wasm";

/** The builds this machine runs, fastest first. */
export const BUILDS_HERE = supportedBuilds();

const modules = new Map<Build, WebAssembly.Module>();

/** Read a build's bytes. */
export function buildBytes(build: Build): Uint8Array<ArrayBuffer> {
  const path = new URL(`../../packages/core-wasm/build/${build}.wasm`, import.meta.url);
  return new Uint8Array(readFileSync(path));
}

/** Make a fresh core, with a memory of its own. */
export function newCore(build: Build): Core {
  const module = modules.get(build) ?? new WebAssembly.Module(buildBytes(build));
  modules.set(build, module);
  return new Core(module);
}

/** Memory of a core, in bytes. */
export function memoryBytes(core: Core): number {
  return core.exports.memory.buffer.byteLength;
}

/** Play a model on a build: excite it with a past, render some samples in one call. */
export function play(
  build: Build,
  model: StringModel,
  past: Float32Array,
  frames: number,
  { set, ...options }: ExciteOptions & { set?: (string: Resonator) => void } = {},
): Float32Array {
  const string = new Resonator(newCore(build), model);
  set?.(string);
  string.excite(past, options);
  const out = new Float32Array(frames);
  string.process(out);
  return out;
}
