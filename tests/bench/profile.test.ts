// What is read of a profile, and of a WebAssembly file.
import { describe, expect, test } from "vitest";
import { buildBytes } from "../support/core-builds.ts";
import { summarise } from "./profile.ts";
import { codeSection } from "./wasm-sections.ts";

const node = (id: number, functionName: string, children: number[] = [], url = "file:///x.ts") => ({
  ...{ id, callFrame: { functionName, url }, children },
});
const nodes = [
  node(1, "(root)", [2, 3, 7]),
  node(2, "(idle)"),
  node(3, "playProfiled", [4]),
  node(4, "process", [5, 6]),
  node(5, "assembly/dense/denseTile", [], "wasm://wasm/1"),
  node(6, "assembly/mlp/mlpTile", [5], "wasm://wasm/1"),
  node(7, "makeNetwork", [8]),
  node(8, "assembly/dense/packDense", [], "wasm://wasm/1"),
];

describe("summarise", () => {
  test("counts what ran below the watched loop, kernels by file and name, the rest as JavaScript", () => {
    const samples = [2, 2, 7, 8, 8, 5, 5, 5, 5, 5, 5, 6, 6, 4, 3];
    expect(summarise({ nodes, samples })).toEqual({
      samples: 10,
      functions: [
        { name: "dense/denseTile", share: 0.6 },
        { name: "mlp/mlpTile", share: 0.2 },
        { name: "JavaScript", share: 0.2 },
      ],
    });
  });

  test("the smallest share a row, and the shares add up to one", () => {
    const many = Array.from({ length: 12 }, (_, i) => node(10 + i, `f${i}`, [], "wasm://wasm/1"));
    const root = [
      node(1, "(root)", [3]),
      node(
        3,
        "playProfiled",
        many.map(({ id }) => id),
      ),
      ...many,
    ];
    const { functions } = summarise({
      nodes: root,
      samples: many.flatMap(({ id }, i) => Array(i + 1).fill(id)),
    });
    expect(functions).toHaveLength(7);
    expect(functions.at(-1)?.name).toBe("all others");
    expect(functions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test("a profile without the loop is refused", () => {
    expect(() => summarise({ nodes, samples: [2, 7, 8] })).toThrow("no samples of what was to be watched");
  });
});

describe("codeSection", () => {
  test("of a build: nearly all of its file, and not the header", () => {
    const bytes = buildBytes("simd");
    const code = codeSection(bytes);
    expect(code.length / bytes.length).toBeGreaterThan(0.5);
    expect(code.byteOffset).toBeGreaterThan(8);
    // its first number is how many functions there are, as many as are declared: seven bits a byte
    const functions = (code[0] & 127) + (code[0] & 128 ? 128 * code[1] : 0);
    expect(functions).toBeGreaterThan(50);
    expect(functions).toBeLessThan(1000);
  });

  test("of what has none: refused", () => {
    expect(() => codeSection(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow("expected a code section");
  });
});
