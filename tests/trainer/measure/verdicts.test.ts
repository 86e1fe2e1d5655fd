// Every known failure is shown by a signal made to have it; a clean decaying string shows none.
import { measureRender } from "@neural-string/trainer/measure/metrics";
import { namedFailures, verdicts } from "@neural-string/trainer/measure/verdicts";
import { describe, expect, test } from "vitest";
import { addPartial, type StringSound, syntheticString } from "../../support/synthetic-string.ts";

const string: StringSound = { sampleRate: 44100, seconds: 4, f0: 110, B: 1e-4, t60: 5, damping: 0.02 };
const target = syntheticString({ ...string, seconds: 4 });
const partial = (n: number, amplitude: number, t60: number) => ({
  cycles: (n * 110) / 44100,
  amplitude,
  nepers: Math.log(1000) / (t60 * 44100),
  phase: 0.5,
});

/** The render measured and its failures' ids. */
function failuresOf(render: Float64Array, recording = target, sampleRate = 44100, f0 = 110) {
  const metrics = measureRender(render, recording, sampleRate, { f0 });
  return namedFailures(metrics, render, recording, sampleRate);
}
const ids = (...input: Parameters<typeof failuresOf>) => failuresOf(...input).map(({ id }) => id);

/** A clean string with something added. */
function stringWith(change: (x: Float64Array) => void, sound: Partial<StringSound> = {}): Float64Array {
  const x = syntheticString({ ...string, ...sound });
  change(x);
  return x;
}

describe("namedFailures names none", () => {
  test.each([
    ["the target itself", {}],
    ["a string that rings a little longer", { t60: 6.5 }],
    ["a string that rings a little shorter", { t60: 3.8 }],
    ["one 6 dB louder", { amplitude: 1 }],
    ["one with a little noise", { noise: 1e-4 }],
  ])("for %s", (_, sound) => {
    expect(ids(syntheticString({ ...string, ...sound }))).toEqual([]);
  });

  test.each([
    [44100, 41.2, 20],
    [48000, 82.5, 12],
    [96000, 1000, 1],
    [22050, 330, 0.4],
  ])("for a clean string at %i Hz, f0 %f, T60 %f s, at any level", (sampleRate, f0, t60) => {
    for (const amplitude of [5e-4, 0.5, 500]) {
      const x = syntheticString({ sampleRate, seconds: 2, f0, t60, damping: 0.05, amplitude });
      expect(ids(x, x, sampleRate, f0)).toEqual([]);
    }
  });

  test("for two polarisations that beat as the recording's do", () => {
    const x = stringWith((z) => addPartial(z, partial(1.003, 0.4, 5)));
    const y = stringWith((z) => addPartial(z, partial(1.0035, 0.35, 5)));
    expect(ids(y, x)).toEqual([]);
  });

  test("where the recording ends in its own noise and the render goes on decaying", () => {
    const recording = syntheticString({ ...string, seconds: 9, t60: 1.5, noise: 1e-3 });
    expect(ids(syntheticString({ ...string, t60: 1.5, seconds: 5 }), recording)).toEqual([]);
  });
});

describe("namedFailures names", () => {
  test("not finite", () => {
    const [failure, ...rest] = failuresOf(syntheticString({ ...string, brokenFrom: 44100 }));
    expect(rest).toEqual([]);
    expect(failure.id).toBe("not-finite");
    expect(failure.sentence).toBe("The render stops being a number at 1.000 s (sample 44100).");
  });

  test("blows up", () => {
    expect(ids(syntheticString({ ...string, t60: -4, damping: 0 }))).toContain("blows-up");
  });

  test("a high partial grows", () => {
    const render = stringWith((z) => addPartial(z, partial(12, 1e-3, -6)));
    const [failure, ...rest] = failuresOf(render);
    expect(rest).toEqual([]);
    expect(failure.id).toBe("high-partial-grows");
    expect(failure.sentence).toMatch(
      /^Partial 12 at 13\d\d Hz grows by \d+\.\d dB from the first quarter to the last\.$/,
    );
  });

  test("the first partial grows", () => {
    const render = stringWith((z) => addPartial(z, partial(1, 0.05, -10)), { partials: 0 });
    for (let n = 2; n < 16; n++) addPartial(render, partial(n, 0.5 / n, 4));
    expect(ids(render)).toEqual(["first-partial-grows"]);
  });

  test("settles on DC, large or small but left alone", () => {
    const large = stringWith((z) =>
      z.forEach((_, n) => {
        z[n] += 0.02 * (1 - Math.exp(-n / 20000));
      }),
    );
    expect(ids(large)).toEqual(["settles-on-dc"]);
    const fast = { t60: 0.8, damping: 0 };
    const small = stringWith(
      (z) =>
        z.forEach((_, n) => {
          z[n] += 0.001;
        }),
      fast,
    );
    expect(ids(small, syntheticString({ ...string, ...fast }))).toEqual(["settles-on-dc"]);
  });

  test("limit cycle at small level", () => {
    const render = stringWith((z) => addPartial(z, partial(3, 0.01, 1e6)), { t60: 2 });
    const [failure, ...rest] = failuresOf(render, syntheticString({ ...string, t60: 2 }));
    expect(rest).toEqual([]);
    expect(failure.id).toBe("limit-cycle");
    expect(failure.sentence).toMatch(/^The render stops decaying at -3\d\.\d dB and moves by only 0\.\d dB/);
  });

  test("rings forever", () => {
    expect(ids(syntheticString({ ...string, t60: 60, damping: 0 }))).toEqual(["rings-forever"]);
  });

  test("dies too fast", () => {
    expect(ids(syntheticString({ ...string, t60: 1 }))).toEqual(["dies-too-fast"]);
  });

  test("failures with causes and one sentence each", () => {
    for (const failure of failuresOf(syntheticString({ ...string, t60: -4, dc: 0.1, damping: 0 }))) {
      expect(failure.causes.length).toBeGreaterThan(0);
      expect(failure.sentence).toMatch(/^[A-Z].*\.$/);
      expect(failure.sentence).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  test("a passive string by causes that it can have: it cannot gain energy, and trains on rollouts", () => {
    const render = syntheticString({ ...string, t60: -4, dc: 0.1, damping: 0 });
    const metrics = measureRender(render, target, 44100, { f0: 110 });
    const [classic, passive] = (["classic", "passive"] as const).map((kind) =>
      namedFailures(metrics, render, target, 44100, kind),
    );
    expect(passive.map(({ id, sentence }) => [id, sentence])).toEqual(
      classic.map(({ id, sentence }) => [id, sentence]),
    );
    for (const { causes } of passive) {
      expect(causes.length).toBeGreaterThan(0);
      expect(causes.join(" ")).not.toMatch(/t-1|teacher|one-step|hidden units|diverged|not passive/);
    }
    expect(classic.flatMap(({ causes }) => causes).join(" ")).toMatch(/t-1/);
  });
});

describe("verdicts", () => {
  test("call a render that is its target good in everything", () => {
    const all = verdicts(measureRender(target, target, 44100, { f0: 110 }));
    expect(all.map(({ name }) => name)).toEqual([
      "EDR",
      "EDC",
      "LSD",
      "partials",
      "T60 per partial",
      "pitch",
      "end level",
      "DC",
    ]);
    expect(new Set(all.map(({ verdict }) => verdict))).toEqual(new Set(["good"]));
  });

  test("never blame DC on a low string that still rings", () => {
    const x = syntheticString({ ...string, f0: 41.9, t60: 40, damping: 0 });
    const dc = verdicts(measureRender(x, x, 44100, { f0: 41.9 })).find(({ name }) => name === "DC");
    expect(dc?.verdict).toBe("good");
  });

  test("worsen as a render worsens, with the figure in the sentence", () => {
    const rows = [5, 6, 60].map((t60) => {
      const all = verdicts(
        measureRender(syntheticString({ ...string, t60, damping: 0.02 }), target, 44100, { f0: 110 }),
      );
      return all.map(({ verdict }) => verdict);
    });
    expect(rows.map(([edr]) => edr)).toEqual(["good", "fair", "poor"]);
    expect(rows.map((row) => row[4])).toEqual(["good", "good", "poor"]);
    const [edr] = verdicts(
      measureRender(
        target.map((v) => 3 * v),
        target,
        44100,
        { f0: 110 },
      ),
    );
    expect(edr.sentence).toBe(
      "EDR: the energy left in each band strays from the recording's by 9.5 dB, another sound.",
    );
  });

  test("say so where something could not be measured", () => {
    const metrics = measureRender(target, target, 44100, { f0: 110 });
    const all = verdicts({ ...metrics, partialDb: null, partials: [] });
    expect(all.filter(({ value }) => value === null).map(({ name, verdict }) => [name, verdict])).toEqual([
      ["partials", "fair"],
      ["T60 per partial", "fair"],
    ]);
  });
});
