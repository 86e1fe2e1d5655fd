import { parseJsonOrExplain, TrainConfigSchema } from "@neural-string/shared";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { complaint, sentenceOf } from "../support/config-complaints.ts";

const training = (fields: object) => ({ training: fields });
const ks = (fields: object) => ({ recordings: [{ generate: "ks", f0: 110, ...fields }] });
const stiff = (fields: object) => ({ recordings: ["a.wav", { generate: "stiff", f0: 110, ...fields }] });
const classic = (fields: object) => ({ model: { kind: "classic", ...fields } });

const KS_KEYS = "generate, f0, sampleRate, seconds, t60, damping, pluckPosition, level, seed";
const TRAINING_KEYS =
  "loss, optimizer, schedule, longestT60, batchSize, weightDecay, dropout, warmupSteps, rollout, sequence, steps, minutes, seed, backend";
const SEQUENCE_KEYS =
  "stages, dampingRate, phaseRate, networkRate, mixtureSlowdown, glide, latestStart, startPower, blend, blendSeconds, levelDb, networkDecay, planes, threads";
const PASSIVE_KEYS = "kind, taps, ahead, filters, hidden, hop, hearsChange, pitchControl, excitationSeconds";

const TOP_KEYS = "name, recordings, judge, data, model, training, selection";

describe("parseOrExplain", () => {
  test.each([
    // at the top
    [{ trainning: {} }, `trainning: unknown key; did you mean "training"?; known here: ${TOP_KEYS}`],
    [{ colour: "red" }, `colour: unknown key; known here: ${TOP_KEYS}`],
    // nested, with another case, with nothing near
    [
      training({ batchsize: 64 }),
      `training.batchsize: unknown key; did you mean "batchSize"?; known here: ${TRAINING_KEYS}`,
    ],
    [training({ wildlife: 1 }), `training.wildlife: unknown key; known here: ${TRAINING_KEYS}`],
    // inside an element of a list
    [
      classic({ hidden: [{ units: 1, activation: "tanh" }, { unit: 2 }] }),
      "model.hidden.1.units: expected a number, got nothing",
    ],
    [
      classic({ hidden: [{ units: 1, activation: "tanh", unit: 2 }] }),
      'model.hidden.0.unit: unknown key; did you mean "units"?; known here: units, activation',
    ],
    // inside the named choice of a discriminated union
    [
      training({ loss: { name: "energy_l1_with_penalty", alfa: 1 } }),
      'training.loss.alfa: unknown key; did you mean "alpha"?; known here: name, alpha, floor',
    ],
    // a field of a choice that was not taken
    [
      training({ loss: { name: "mse", alpha: 1 } }),
      'training.loss.alpha: unknown key where training.loss.name is "mse"; for that set training.loss.name to "relative_l1_with_penalty" or "energy_l1_with_penalty"; known here: name',
    ],
    [
      training({ schedule: { name: "step", steps: 1, final: 1 } }),
      'training.schedule.final: unknown key where training.schedule.name is "step"; for that set training.schedule.name to "cosine" or "linear" or "exponential"; known here: name, factor, steps',
    ],
    [
      { model: { kind: "passive", tapPattern: [] } },
      `model.tapPattern: unknown key where model.kind is "passive"; for that set model.kind to "classic"; known here: ${PASSIVE_KEYS}`,
    ],
    [
      classic({ filters: 2 }),
      'model.filters: unknown key where model.kind is "classic"; for that set model.kind to "passive"; known here: kind, tapPattern, hidden, output, bias, controls, features',
    ],
    [
      ks({ inharmonicity: 0 }),
      `recordings.0.inharmonicity: unknown key where recordings.0.generate is "ks"; for that set recordings.0.generate to "stiff"; known here: ${KS_KEYS}`,
    ],
    // in a choice that has it misspelt
    [
      { model: { kind: "passive", filter: 2 } },
      `model.filter: unknown key; did you mean "filters"?; known here: ${PASSIVE_KEYS}`,
    ],
    // in another section: the nearest place that has it, in the first of a list's objects too
    [
      training({ phaserate: 1 }),
      `training.phaserate: unknown key; did you mean "training.sequence.phaseRate"?; known here: ${TRAINING_KEYS}`,
    ],
    [
      training({ sequence: { batchSize: 8 } }),
      `training.sequence.batchSize: unknown key; did you mean "training.sequence.stages.0.batchSize"?; known here: ${SEQUENCE_KEYS}`,
    ],
    [
      training({ sequence: { steps: 8 } }),
      `training.sequence.steps: unknown key; did you mean "training.steps"?; known here: ${SEQUENCE_KEYS}`,
    ],
    [
      { decayWeight: 1 },
      `decayWeight: unknown key; did you mean "training.sequence.stages.0.decayWeight"?; known here: ${TOP_KEYS}`,
    ],
    [{ f0: 110 }, `f0: unknown key; did you mean "data.f0"?; known here: ${TOP_KEYS}`],
    // inside a recipe, a choice within a choice
    [
      ks({ dampin: 0.5 }),
      `recordings.0.dampin: unknown key; did you mean "damping"?; known here: ${KS_KEYS}`,
    ],
    [
      stiff({ t60: { first: 8, falof: 1, falloff: 1, partials: 3 } }),
      'recordings.1.t60.falof: unknown key; did you mean "falloff"?; known here: first, falloff, partials',
    ],
  ])("an unknown key is named with those that are known: %j", (config, expected) => {
    expect(complaint(config)).toBe(`pluck.json: ${expected}`);
  });

  test.each([
    [training({ batchSize: "many" }), 'training.batchSize: expected a number, got "many"'],
    [training({ batchSize: 1.5 }), "training.batchSize: expected a whole number, got 1.5"],
    [training({ batchSize: null }), "training.batchSize: expected a number, got null"],
    [training({ minutes: Number.NaN }), "training.minutes: expected a finite number, got NaN"],
    [training({ minutes: Infinity }), "training.minutes: expected a finite number, got Infinity"],
    [{ data: { symmetric: "yes" } }, 'data.symmetric: expected true or false, got "yes"'],
    [{ name: 3 }, "name: expected a text, got 3"],
    [{ recordings: "a.wav" }, 'recordings: expected a list, got "a.wav"'],
    [{ data: [] }, "data: expected an object, got []"],
    [{ data: null }, "data: expected an object, got null"],
    [training({ loss: "mse" }), 'training.loss: expected an object with "name", got "mse"'],
    // of a type that another choice has here
    [
      { model: { kind: "passive", hidden: [{ units: 8, activation: "tanh" }] } },
      'model.hidden: expected a number where model.kind is "passive", got a list of 1; for that set model.kind to "classic"',
    ],
    [
      classic({ hidden: 16 }),
      'model.hidden: expected a list where model.kind is "classic", got 16; for that set model.kind to "passive"',
    ],
    [classic({ hidden: "many" }), 'model.hidden: expected a list, got "many"'],
    [["a.wav"], 'expected an object, got ["a.wav"]'],
    [null, "expected an object, got null"],
  ])("a value of the wrong type is told what was expected: %j", (config, expected) => {
    expect(complaint(config)).toBe(`pluck.json: ${expected}`);
  });

  test.each([
    [
      training({ backend: "tensor" }),
      'training.backend: expected one of auto, tensorflow, wasm, cpu, got "tensor"; did you mean "tensorflow"?',
    ],
    [
      training({ backend: "CPU" }),
      'training.backend: expected one of auto, tensorflow, wasm, cpu, got "CPU"; did you mean "cpu"?',
    ],
    [training({ backend: 3 }), "training.backend: expected one of auto, tensorflow, wasm, cpu, got 3"],
    [classic({ output: "sigmoid" }), 'model.output: expected one of linear, tanh, relu, got "sigmoid"'],
    [
      training({ loss: { name: "mae" } }),
      'training.loss.name: expected one of mse, relative_mse, relative_l1, relative_l1_with_penalty, energy_l1, energy_l1_with_penalty, log_magnitude, window_normalized_mse, inverse_rms_mse, si_snr, got "mae"; did you mean "mse"?',
    ],
    [
      training({ loss: { name: "energy" } }),
      'training.loss.name: expected one of mse, relative_mse, relative_l1, relative_l1_with_penalty, energy_l1, energy_l1_with_penalty, log_magnitude, window_normalized_mse, inverse_rms_mse, si_snr, got "energy"; did you mean "energy_l1"?',
    ],
    [
      training({ loss: {} }),
      "training.loss.name: expected one of mse, relative_mse, relative_l1, relative_l1_with_penalty, energy_l1, energy_l1_with_penalty, log_magnitude, window_normalized_mse, inverse_rms_mse, si_snr, got nothing",
    ],
    [
      { model: { kind: "clasic" } },
      'model.kind: expected one of passive, classic, got "clasic"; did you mean "classic"?',
    ],
  ])("a word that is not among the choices is told them and the nearest: %j", (config, expected) => {
    expect(complaint(config)).toBe(`pluck.json: ${expected}`);
  });

  test.each([
    [training({ batchSize: 0 }), "training.batchSize: expected at least 1, got 0"],
    [training({ batchSize: 70000 }), "training.batchSize: expected at most 65536, got 70000"],
    [training({ minutes: 0 }), "training.minutes: expected more than 0, got 0"],
    [{ data: { f0: 3 } }, "data.f0: expected at least 20, got 3"],
    [classic({ tapPattern: [] }), "model.tapPattern: expected a list of at least 1, got []"],
    [
      { name: "a/b" },
      'name: expected 1 to 64 letters, digits, spaces, dots, dashes or underscores, got "a/b"',
    ],
  ])("a value out of range is told the bound: %j", (config, expected) => {
    expect(complaint(config)).toBe(`pluck.json: ${expected}`);
  });

  test.each([
    [{ recordings: [3] }, 'recordings.0: expected a text or an object with "generate", got 3'],
    [{ recordings: [null] }, 'recordings.0: expected a text or an object with "generate", got null'],
    [{ recordings: [""] }, 'recordings.0: expected a text of at least 1 character, got ""'],
    [{ recordings: [{ f0: 110 }] }, "recordings.0.generate: expected one of ks, stiff, got nothing"],
    [
      { recordings: [{ generate: "stif", f0: 110 }] },
      'recordings.0.generate: expected one of ks, stiff, got "stif"; did you mean "stiff"?',
    ],
    [{ recordings: [{ generate: "ks" }] }, "recordings.0.f0: expected a number, got nothing"],
    [ks({ f0: -110 }), "recordings.0.f0: expected more than 0, got -110"],
    [ks({ f0: "A2" }), 'recordings.0.f0: expected a number, got "A2"'],
    [stiff({ t60: 4 }), "recordings.1.t60: expected a list or an object, got 4"],
    [stiff({ t60: [] }), "recordings.1.t60: expected a list of at least 1, got []"],
    [stiff({ t60: [8, "4"] }), 'recordings.1.t60.1: expected a number, got "4"'],
    [stiff({ t60: { first: 8 } }), "recordings.1.t60.falloff: expected a number, got nothing"],
    [{ judge: { recordings: [{}] } }, "judge.recordings.0.generate: expected one of ks, stiff, got nothing"],
  ])("a recording that is neither path nor good recipe is explained: %j", (config, expected) => {
    expect(complaint(config)).toBe(`pluck.json: ${expected}`);
  });

  test("a field named like the prototype's own is an unknown key, and pollutes nothing", () => {
    const known = `unknown key; known here: ${TOP_KEYS}`;
    expect(complaint(JSON.parse('{"__proto__": {"polluted": 1}}'))).toBe(`pluck.json: __proto__: ${known}`);
    expect(complaint(JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}'))).toBe(
      `pluck.json: constructor: ${known}`,
    );
    expect(complaint(JSON.parse('{"training": {"__proto__": {"polluted": 1}}}'))).toBe(
      `pluck.json: training.__proto__: unknown key; known here: ${TRAINING_KEYS}`,
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("line breaks and endless text in keys, values and paths do not spoil the sentence", () => {
    expect(complaint({ "a\n\u001b[31mb": 1 })).toBe(
      `pluck.json: a [31mb: unknown key; known here: ${TOP_KEYS}`,
    );
    const end = `unknown key; known here: ${TOP_KEYS}`;
    expect(complaint({ ["x".repeat(1000)]: 1 })).toBe(`pluck.json: ${"x".repeat(57)}...: ${end}`);
    expect(complaint({ recordings: "x\n".repeat(1000) })).toBe(
      `pluck.json: recordings: expected a list, got "${"x\\n".repeat(18)}x\\...`,
    );
  });

  test("values no JSON can hold, endless or circular, are explained too", () => {
    let deep: unknown = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const got = (name: unknown) => complaint({ name }).replace("pluck.json: name: expected a text, got ", "");
    expect([deep, circular, 10n, Symbol("s"), () => 1, new Float32Array(3)].map(got)).toEqual([
      "a list of 1",
      "an object",
      "10",
      "Symbol(s)",
      "a function",
      "Float32Array",
    ]);
  });

  test("whatever stands wherever in a config, the complaint is one line of at most 300 characters", () => {
    const whole = (model: object) =>
      TrainConfigSchema.parse({ ...ks({}), judge: { recordings: stiff({}).recordings }, model });
    const models = [{ kind: "passive" }, { kind: "classic" }];
    const places = models.flatMap((model) => fieldPaths(whole(model)).map((path) => ({ model, path })));
    const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "name", "f0", ""), fc.string());
    const anything = fc.oneof(
      fc.anything({ key, withBigInt: true, withTypedArray: true, withNullPrototype: true, withMap: true }),
      fc.jsonValue(),
      fc.string({ unit: "binary", minLength: 50, maxLength: 5000 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), key, anything, fc.boolean(), (place, extra, value, add) => {
        const { model, path } = place;
        const config = whole(model);
        put(config, add ? [...path, extra] : path, value);
        expect(complaint(config)).toMatch(/^.{1,300}$/u);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

/** The paths of all fields of a value. */
function fieldPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => fieldPaths(inner, [...path, key]))];
}

/** Replace or add a field, as JSON would: a field of any name is the object's own. */
function put(target: unknown, path: string[], value: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(at as object, key), target);
  if (path.length === 0 || typeof parent !== "object" || parent === null) return;
  // JSON has no way to say an array's length
  if (Array.isArray(parent) && path.at(-1) === "length") return;
  Object.defineProperty(parent, path[path.length - 1], {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

describe("parseJsonOrExplain", () => {
  const complain = (text: string) =>
    sentenceOf(() => parseJsonOrExplain(TrainConfigSchema, text, "pluck.json"));

  test("JSON is parsed and completed", () => {
    expect(parseJsonOrExplain(TrainConfigSchema, '{"name": "A1"}', "pluck.json").name).toBe("A1");
  });

  test("what is not JSON is said so in one line, with the place", () => {
    expect(complain('{"name": "A1",}')).toMatch(
      /^pluck\.json: expected JSON, got something else \(.*position 14.*\)$/,
    );
    expect(complain("")).toBe("pluck.json: expected JSON, got something else (Unexpected end of JSON input)");
    for (const text of ["name\n\n: A1", "{\n\n}}", "[\u2028", `"${"x".repeat(5000)}`, "\u0000".repeat(5000)])
      expect(complain(text)).toMatch(/^.{1,200}$/u);
  });
});
