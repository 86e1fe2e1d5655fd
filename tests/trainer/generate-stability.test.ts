// Stability recordings: where a stable string takes over from an unstable sound, and what the file holds.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError, writeModelFile } from "@neural-string/shared";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { choosePlaces, generateStability } from "@neural-string/trainer/commands/generate-stability";
import { Terminal } from "@neural-string/trainer/terminal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readWav } from "../support/read-wav.ts";

const RATE = 8000;
const PERIOD = 40;
/** A tone of one period that grows a thousandfold in its middle and then stays. */
const growing = Float32Array.from({ length: 8000 }, (_, n) => {
  const level = 1e-3 * 10 ** (3 * Math.min(1, Math.max(0, (n - 2000) / 4000)));
  return level * Math.sin((2 * Math.PI * n) / PERIOD);
});

describe("choosePlaces", () => {
  test("from where the sound has begun to grow to its loudest", () => {
    const places = choosePlaces(growing, 41, PERIOD, 4);
    expect(places).toHaveLength(4);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(2000);
    expect(places[0]).toBeLessThan(2600);
    expect(places[3]).toBeGreaterThan(5900);
  });

  test("what is louder than full scale is nobody's past", () => {
    const absurd = growing.map((x, n) => (n > 5000 ? 100 * x : x));
    expect(Math.max(...choosePlaces(absurd, 41, PERIOD, 4))).toBeLessThanOrEqual(5041);
  });

  test("a sound that never grows is taken evenly from its whole length", () => {
    const places = choosePlaces(growing.subarray(0, 1700), 41, PERIOD, 3);
    expect(places).toEqual([81, 881, 1681]);
  });
});

describe("generateStability", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "stability-"));
    writeFileSync(join(folder, "unstable.wav"), encodeWav(growing, RATE));
    for (const [name, gain] of [
      ["stable", 0.9],
      ["unstable", 1.3],
    ] as const) {
      const header = {
        schema: 1 as const,
        kind: "classic" as const,
        sampleRate: RATE,
        f0: RATE / PERIOD,
        tapPattern: [{ periodFraction: 1, before: 0, after: 0 }],
        layers: [{ units: 1, activation: "linear" as const }],
        controls: 0,
      };
      const tensors = new Map([["layers.0.weight", { shape: [1, 1], data: Float32Array.of(gain) }]]);
      writeFileSync(join(folder, `${name}.safetensors`), writeModelFile({ header, tensors }));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const generate = (model: string, at?: number[], guard = false) =>
    generateStability(
      {
        ...{ model: join(folder, model), from: join(folder, "unstable.wav"), at, seconds: 0.5 },
        ...{ guard, channel: 0, out: join(folder, "out.wav") },
      },
      new Terminal(true),
    );

  test("a file is the unstable past and the stable string's own continuation", async () => {
    expect(await generate("stable.safetensors", [0.5])).toBe(0);
    const { samples } = readWav(join(folder, "out.wav"));
    expect(samples.length).toBe(PERIOD + RATE / 2);
    expect([...samples.slice(0, PERIOD)]).toEqual([...growing.subarray(4000 - PERIOD, 4000)]);
    for (const n of [0, 39, 100]) {
      const trips = Math.floor(n / PERIOD) + 1;
      expect(samples[PERIOD + n]).toBeCloseTo(0.9 ** trips * samples[n % PERIOD], 6);
    }
  });

  test("several places make several files", async () => {
    await generate("stable.safetensors", [0.5, 0.6]);
    const first = readWav(join(folder, "out-1.wav")).samples;
    const second = readWav(join(folder, "out-2.wav")).samples;
    expect([first.length, second.length]).toEqual([4040, 4040]);
    expect(second[0]).not.toBe(first[0]);
  });

  test("a string that blows up itself, and a place outside the sound, are refused in one sentence", async () => {
    await expect(generate("unstable.safetensors", [0.8])).rejects.toThrow(
      /this string blows up as well at 0\.8 s of unstable\.wav; use a stable one/,
    );
    // the energy guard makes anything stable enough
    expect(await generate("unstable.safetensors", [0.8], true)).toBe(0);
    await expect(generate("stable.safetensors", [2])).rejects.toThrow(
      new UserError(
        "--at 2: expected 0.005 (the string's past) to 1.000 s (the sound unstable.wav), got another; name a place in between",
      ),
    );
  });
});
