// The engines that are written for the benchmark, and the files that it writes for others, against the references.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { expectWithin, expectWithinDb } from "../support/closeness.ts";
import { BLOCK, gatherBlock } from "./engines/network-block.ts";
import { onnxNetwork } from "./engines/onnx.ts";
import { encodeOnnx } from "./engines/onnx-file.ts";
import { PlainNetwork } from "./engines/plain-network.ts";
import { plainTaps } from "./engines/plain-string.ts";
import { arePeersInstalled, loadPeer, peerFile } from "./peers.ts";
import type { Engine } from "./schema.ts";
import { allWorkloads } from "./workloads/index.ts";
import {
  countMacs,
  excitingPast,
  makeNetwork,
  PATTERNS,
  tapsAroundPeriod,
  tapsFrom,
} from "./workloads/networks.ts";

const workloads = allWorkloads("no-python").filter(({ name }) => name !== "mlp-84-1500-1");
const here: Engine[] = ["relaxed", "simd", "scalar", "js", "tfjs-wasm"];

describe.each(workloads)("$name", (workload) => {
  test.each(here.filter((engine) => engine in workload.engines))(
    "%s makes what the reference makes",
    async (engine) => {
      const contestant = await workload.engines[engine]?.();
      const sound = await contestant?.prove();
      expectWithinDb(sound ?? [], workload.expected(), workload.toleranceDb, engine);
      // and again: nothing is left over from the first time
      await contestant?.run();
      expectWithinDb((await contestant?.prove()) ?? [], workload.expected(), workload.toleranceDb, engine);
      contestant?.dispose?.();
    },
  );
});

describe("networks", () => {
  test("have the taps and multiply-adds that their names say", () => {
    for (const [taps, hidden, macs] of [
      [14, [64, 64], 14 * 64 + 64 * 64 + 64],
      [22, [100], 23 * 100],
      [84, [256], 85 * 256],
    ] as const) {
      const model = makeNetwork(PATTERNS[taps], hidden);
      expect(model.delays).toHaveLength(taps);
      expect(countMacs(model)).toBe(macs);
    }
  });

  test("of so many taps: all of them, none twice, the shortest where it is asked for", () => {
    for (const taps of [1, 2, 5, 128, 200]) {
      const { delays } = makeNetwork(tapsAroundPeriod(taps), [1]);
      expect(new Set(delays).size).toBe(taps);
      expect(Math.min(...delays)).toBeGreaterThan(400);
    }
    expect([...makeNetwork(tapsFrom(3, 4), [1]).delays]).toEqual([3, 4, 5, 534]);
  });

  test("a block's windows are what the string reads", () => {
    const model = makeNetwork(PATTERNS[22], [5]);
    const string = new PlainNetwork(model);
    string.excite(excitingPast());
    const sound = new Float64Array(BLOCK);
    string.process(sound);
    const { windows } = gatherBlock(model, excitingPast(), sound);
    const line = [...excitingPast(), ...sound];
    for (const n of [0, 133, 522]) {
      const row = windows.subarray(22 * n, 22 * (n + 1));
      expectWithin(
        row,
        Array.from(model.delays, (delay) => line[excitingPast().length + n - delay]),
        1e-7,
      );
    }
  });
});

test("plainTaps: at whole delays the past itself, between samples a cubic exactly", () => {
  const cubic = (n: number) => 0.5 - 0.1 * n + 0.02 * n ** 2 - 0.001 * n ** 3;
  const past = Float32Array.from({ length: 40 }, (_, n) => cubic(n - 30));
  const out = new Float32Array(2 * 5);
  plainTaps(past, [8, 9.25], 5, out);
  const expected = [8, 9.25].flatMap((delay) => [0, 1, 2, 3, 4].map((i) => cubic(10 + i - delay)));
  expectWithin(out, expected, 1e-5);
});

describe.skipIf(!arePeersInstalled())("with the peers installed", () => {
  const model = makeNetwork(PATTERNS[14], [7, 5]);

  test("an ONNX model holds its weights, and ONNX Runtime reads it as the same network", async () => {
    const bytes = await encodeOnnx(model, BLOCK);
    const numbers = model.layers.reduce(
      (sum, { weight, bias }) => sum + weight.length + (bias?.length ?? 0),
      0,
    );
    expect(bytes.length).toBeGreaterThan(4 * numbers);
    const string = new PlainNetwork(model);
    string.excite(excitingPast());
    const sound = new Float64Array(BLOCK);
    string.process(sound);
    const contestant = await onnxNetwork("onnxruntime-node", gatherBlock(model, excitingPast(), sound));
    expectWithinDb(await contestant.prove(), sound, -100);
    contestant.dispose?.();
  });

  test("Faust's string is Karplus and Strong's", async () => {
    const workload = workloads.find(({ name }) => name === "karplus-strong");
    const contestant = await workload?.engines.faust?.();
    contestant?.rewind?.();
    await contestant?.run();
    expectWithinDb((await contestant?.prove()) ?? [], workload?.expected() ?? [], -110);
  });

  test("the files of a peer are where it says", () => {
    expect(existsSync(peerFile("onnxruntime-web", "package.json"))).toBe(true);
  });
});

test("a peer that is not installed is absent, in one sentence", async () => {
  await expect(loadPeer("not-a-peer")).rejects.toThrow(/^not-a-peer is left out: /);
});

test("without torch, PyTorch is absent, and the sentence says what to do", async () => {
  const [workload] = workloads;
  await expect((async () => workload.engines.pytorch?.())()).rejects.toThrow(
    "pytorch is left out: no-python has no torch (--python names another interpreter)",
  );
});
