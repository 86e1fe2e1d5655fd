// Rollouts over threads: the bits of one thread, whatever their number; the end of the workers.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type ImmediateRollouts, LocalRollouts } from "@neural-string/trainer/core/passive/rollouts";
import { createRolloutPool, defaultThreads } from "@neural-string/trainer/rollout-pool";
import { afterEach, describe, expect, test } from "vitest";
import { makeExamples, makeParameters, makeSetup, TOO_MANY, weights } from "../support/rollout-setups.ts";

const pools: ImmediateRollouts[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.dispose();
});

async function poolOf(...[options]: Parameters<typeof createRolloutPool>): Promise<ImmediateRollouts> {
  const pool = await createRolloutPool(options);
  pools.push(pool);
  return pool;
}

describe("createRolloutPool", () => {
  test.each([
    [1, 1],
    [1, 2],
    [1, 3],
    [3, 1],
    [3, 2],
    [3, 3],
  ])("%i filters, %i threads: the bits of one thread in place", async (filters, threads) => {
    const setup = makeSetup(filters);
    const pool = await poolOf({ ...setup, threads });
    const local = new LocalRollouts(setup);
    expect(pool.threads).toBe(threads);
    // one example, fewer than threads, many, more than a batch; again and again, so that threads race differently
    for (const [seed, count] of [1, 2, 9, 150, 17, 5, 9, 9, 9].entries()) {
      const { taps, network } = makeParameters(setup, seed);
      const examples = makeExamples(setup, count, seed);
      const expected = local.run(examples, taps, network, weights);
      const sums = pool.run(examples, taps, network, weights);
      expect(sums, `${count} examples`).toEqual(expected);
      // toEqual takes 0 for -0; bits are bits
      for (const [i, part] of sums.gradientTaps.entries())
        expect(new Uint8Array(part.buffer)).toEqual(new Uint8Array(expected.gradientTaps[i].buffer));
    }
  });

  test("two stretches that sound together give the bits of one thread, too", async () => {
    const setup = makeSetup(3);
    const pool = await poolOf({ ...setup, threads: 2 });
    const { taps, network } = makeParameters(setup, 1);
    const examples = makeExamples(setup, 12, 3).map((example, i) => {
      const beside = { source: example.source, start: 0, share: 0.1 * i - 0.6, gain: 1 + 0.05 * i };
      return i % 3 === 0 ? example : { ...example, beside };
    });
    const expected = new LocalRollouts(setup).run(examples, taps, network, weights);
    expect(pool.run(examples, taps, network, weights)).toEqual(expected);
    const plain = examples.map(({ source, start, count }) => ({ source, start, count }));
    expect(pool.run(plain, taps, network, weights).loss).not.toBe(expected.loss);
  });

  test("recordings that lie in shared memory already are used where they lie", async () => {
    const setup = makeSetup(1);
    const shared = setup.sources.map((source) => {
      const samples = new Float32Array(new SharedArrayBuffer(source.samples.byteLength));
      samples.set(source.samples);
      return { ...source, samples };
    });
    const pool = await poolOf({ ...setup, sources: shared, threads: 2 });
    const { taps, network } = makeParameters(setup, 1);
    const examples = makeExamples(setup, 6, 1);
    const before = pool.run(examples, taps, network, weights);
    expect(before).toEqual(new LocalRollouts(setup).run(examples, taps, network, weights));
    for (const { samples } of shared) samples.fill(0.25);
    expect(pool.run(examples, taps, network, weights).loss).not.toBe(before.loss);
  });

  test("threads: all that the machine has by default, at most 8, and no other number than a whole one", async () => {
    expect(defaultThreads()).toBeGreaterThanOrEqual(1);
    expect(defaultThreads()).toBeLessThanOrEqual(8);
    for (const threads of [0, 1.5, Number.NaN])
      await expect(poolOf({ ...makeSetup(1), threads })).rejects.toThrow(
        `threads: expected a whole number from 1 on, got ${threads}`,
      );
  });

  test("requests and setups that make no sense are refused by name, and leave the pool of use", async () => {
    const setup = makeSetup(2);
    const pool = await poolOf({ ...setup, threads: 2 });
    const { taps, network } = makeParameters(setup, 1);
    const examples = makeExamples(setup, 3, 1);
    expect(() => pool.run([{ source: 9, start: 0, count: 1 }], taps, network, weights)).toThrow(
      "examples.0.source: expected a whole number from 0 to 3, got 9",
    );
    expect(() => pool.run(examples, taps, network.subarray(1), weights)).toThrow(RangeError);
    expect(pool.run(examples, taps, network, weights).loss).toBeGreaterThan(0);
    const shapes = setup.shapes.map((shape) => ({ ...shape, mostSamples: TOO_MANY }));
    await expect(poolOf({ ...setup, shapes, threads: 2 })).rejects.toThrow(
      `shapes.0: too little memory for rollouts of ${TOO_MANY} samples`,
    );
  });

  test("refuses to run once disposed", async () => {
    const setup = makeSetup(1);
    const pool = await poolOf({ ...setup, threads: 2 });
    pool.dispose();
    pool.dispose();
    const { taps, network } = makeParameters(setup, 1);
    expect(() => pool.run(makeExamples(setup, 1, 1), taps, network, weights)).toThrow("disposed");
  });

  test("a process that forgets to dispose ends all the same", async () => {
    const support = fileURLToPath(new URL("../support/forgetful-pool.ts", import.meta.url));
    const child = spawn(process.execPath, [support], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    const [code] = await once(child, "close");
    expect([code, output]).toEqual([0, "done\n"]);
  }, 20_000);
});
