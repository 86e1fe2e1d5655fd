import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TensorFile, writeSafetensors } from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const small: TensorFile = {
  metadata: { title: "a string" },
  tensors: new Map([
    ["w", { shape: [1, 2], data: Float32Array.of(0.5, -1) }],
    ["b", { shape: [1], data: Float32Array.of(3) }],
  ]),
};

describe("writeSafetensors", () => {
  test("the header is padded to 8 bytes with spaces, the numbers follow", () => {
    const bytes = Buffer.from(writeSafetensors(small));
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(bytes.toString("utf8", 8, 8 + length).trimEnd()).toBe(
      '{"__metadata__":{"title":"a string"},' +
        '"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
        '"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}',
    );
    expect([0, 4, 8].map((at) => bytes.readFloatLE(8 + length + at))).toEqual([0.5, -1, 3]);
    expect(bytes.length).toBe(8 + length + 12);
  });

  test("data that do not fill their shape, or a tensor named as the metadata, are a defect of ours", () => {
    const write = (name: string, shape: number[]) =>
      writeSafetensors({ metadata: {}, tensors: new Map([[name, { shape, data: new Float32Array(2) }]]) });
    expect(() => write("w", [3])).toThrow(new Error("w: expected 3 numbers for [3], got 2"));
    expect(() => write("w", [1])).toThrow(new Error("w: expected 1 numbers for [1], got 2"));
    expect(() => write("__metadata__", [2])).toThrow(new Error("a tensor cannot be named __metadata__"));
  });

  test("Python's safetensors reads what we write", ({ skip }) => {
    const program = [
      "import sys",
      "from safetensors import safe_open",
      "file = safe_open(sys.argv[1], 'np')",
      "print(file.metadata())",
      "for name in sorted(file.keys()): print(name, file.get_tensor(name).shape, file.get_tensor(name).tolist())",
    ].join("\n");
    const found = spawnSync("python3", ["-c", "import safetensors, numpy"]).status === 0;
    skip(!found, "python3 -m pip install safetensors numpy");
    const folder = mkdtempSync(join(tmpdir(), "neural-string-test-"));
    try {
      const path = join(folder, "small.safetensors");
      const empty = { shape: [0, 3], data: new Float32Array(0) };
      writeFileSync(path, writeSafetensors({ ...small, tensors: new Map([["é", empty], ...small.tensors]) }));
      const { stdout, stderr } = spawnSync("python3", ["-c", program, path], {
        encoding: "utf8",
        env: { ...process.env, PYTHONIOENCODING: "utf-8" },
      });
      expect(stderr).toBe("");
      expect(stdout.trim().split(/\r?\n/)).toEqual([
        "{'title': 'a string'}",
        "b (1,) [3.0]",
        "w (1, 2) [[0.5, -1.0]]",
        "é (0, 3) []",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
