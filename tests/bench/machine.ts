/** On what a benchmark ran, and which files. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, type as systemName, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { gitState, versions } from "@neural-string/trainer/made-with";
import { arePeersInstalled, peerVersions } from "./peers.ts";
import type { BenchRun, Binary } from "./schema.ts";

/** The builds, in the order of the tables. */
const BINARIES = ["relaxed", "simd", "scalar", "train-relaxed", "train-simd"] as const;

/** Describe the machine as it is now. */
export function describeMachine(): BenchRun["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    os: `${systemName()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: Math.round(100 * loadavg()[0]) / 100,
    date: new Date().toISOString(),
    git: gitState(),
  };
}

/** Versions of what was measured against. @param torch PyTorch's; null where it took no part */
export function describeVersions(torch: string | null): Record<string, string> {
  const tfjs = "@tensorflow/tfjs-backend-wasm";
  const peers = arePeersInstalled() ? peerVersions() : {};
  return { [tfjs]: versions()[tfjs], ...peers, ...(torch === null ? {} : { torch }) };
}

/** Measure the builds' files, and tell them by their content. */
export function describeBinaries(): Binary[] {
  return BINARIES.map((name) => {
    const bytes = readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${name}.wasm`)));
    return {
      name,
      bytes: bytes.length,
      gzipBytes: gzipSync(bytes, { level: 9 }).length,
      brotliBytes: brotliCompressSync(bytes).length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
  });
}
