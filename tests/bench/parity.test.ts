// What sounds wrong is refused before anything is timed.
import { describe, expect, test } from "vitest";
import { type Contestant, once } from "./contestant.ts";
import { Disproved, prove } from "./parity.ts";
import { measureTable } from "./table.ts";
import { multiTapWorkloads } from "./workloads/multi-tap.ts";

const sound = Float64Array.from({ length: 100 }, (_, n) => Math.sin(n));
const contestant = (samples: ArrayLike<number>): Contestant => ({
  samples: 1,
  run: () => {},
  prove: () => samples,
});
const proof = { what: "sine, simd", toleranceDb: -80, expected: () => sound };

describe("prove", () => {
  test("tells the distance of what is close enough", async () => {
    expect(await prove(proof, contestant(sound))).toBe(Number.NEGATIVE_INFINITY);
    const off = sound.map((x) => x * (1 + 1e-5));
    expect(await prove(proof, contestant(off))).toBeCloseTo(-100, 6);
  });

  test.each([
    [
      "too far away",
      sound.map((x) => 1.001 * x),
      /^sine, simd: -60\.0 dB from the float64 reference where -80 dB/,
    ],
    [
      "not a number somewhere",
      sound.map((x, n) => (n === 7 ? Number.NaN : x)),
      /Infinity dB .*most at sample 7/,
    ],
    ["silent", new Float64Array(100), /0\.0 dB/],
    ["too short", sound.subarray(1), /made 99 samples where 100 are expected; not timed/],
  ])("refuses what is %s", async (_, samples, message) => {
    const refusal = prove(proof, contestant(samples));
    await expect(refusal).rejects.toThrow(Disproved);
    await expect(refusal).rejects.toThrow(message);
  });

  test("refuses a reference that proves nothing", async () => {
    const silent = { ...proof, expected: () => new Float64Array(100) };
    await expect(prove(silent, contestant(new Float64Array(100)))).rejects.toThrow("its reference is silent");
  });
});

test("measureTable times the right and refuses the wrong, by name", async () => {
  const [workload] = multiTapWorkloads();
  let timed = 0;
  const wrong = {
    ...contestant(Array.from(workload.expected(), (x) => x + 0.001)),
    run: () => {
      timed++;
    },
  };
  const table = await measureTable({
    workloads: [{ ...workload, engines: { ...workload.engines, simd: () => wrong } }],
    engines: ["simd", "js"],
    pace: { total: 0, slice: 0.001, warmUp: 0.01, leastRounds: 2, mostRounds: 2 },
    progress: () => {},
  });
  expect(table.results.map(({ engine }) => engine)).toEqual(["js"]);
  expect(table.refused).toEqual([expect.stringMatching(/^multitap-84, simd: -4\d\.\d dB from the float64/)]);
  expect(timed).toBe(0);
});

test("once: what is made is made when it is first asked for, and then kept", () => {
  let made = 0;
  const get = once(() => ++made);
  expect(made).toBe(0);
  expect([get(), get(), made]).toEqual([1, 1, 1]);
});
