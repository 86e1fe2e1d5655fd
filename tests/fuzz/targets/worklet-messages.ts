/**
 * Messages to the audio thread, right and wrong, in any order: none throws, what the schema refuses is answered with one
 * sentence, every answer is one the page understands, and whatever comes in, what comes out is numbers.
 */
import { Instrument, readModelFile, type StringModel, StringTuner } from "@neural-string/core-wasm";
import { FromWorkletSchema, ToWorkletSchema, writeModelFile } from "@neural-string/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { valid } from "../../support/classic-files.ts";
import { buildBytes, newCore } from "../../support/core-builds.ts";
import { makePassiveModel } from "../../support/passive-models.ts";
import { anyJson, damagedJson } from "../mutate.ts";
import type { Target } from "../target.ts";

/** JSON in which `{"$": ...}` stands for what JSON cannot say; `revive` says what. */
type Said = unknown;

interface MessagesCase {
  /** In their order; between two of them a block is rendered. */
  messages: Said[];
}

const RATE = 8000;
const MODELS: Record<string, StringModel> = {
  classic: readModelFile(valid),
  passive: readModelFile(
    writeModelFile(makePassiveModel({ filters: 2, controls: 1, excitations: 2, hidden: 2 })),
  ),
  planes: readModelFile(writeModelFile(makePassiveModel({ filters: 2, coupling: 1, hidden: 2, seed: 7 }))),
};

const module = new WebAssembly.Module(buildBytes("simd"));

function tuningOf(name: string) {
  const model = MODELS[name];
  if (model.kind !== "passive") throw new Error("a classic string has no tunings");
  return new StringTuner(newCore("simd"), model).tune(model.f0);
}
const TUNINGS: Record<string, unknown> = { passive: tuningOf("passive"), planes: tuningOf("planes") };

const FIELDS = [
  ...new Set(Object.values({ ...MODELS, ...TUNINGS }).flatMap((one) => Object.keys(one as object))),
];

/** What a case says: numbers that JSON has not, samples, models and tunings, whole or with one field changed. */
function revive(said: Said): unknown {
  if (Array.isArray(said)) return said.map(revive);
  if (typeof said !== "object" || said === null) return said;
  const { $: what, name, length, fill, field, value } = said as Record<string, unknown>;
  const isSimple = [name, length, fill].every((x) => typeof x !== "object");
  if (what === "number" && isSimple) return Number(name);
  if (what === "samples" && isSimple)
    return new Float32Array(Math.abs(Number(length)) % 5000 || 0).fill(Number(fill));
  if ((what === "model" || what === "tuning") && typeof name === "string") {
    const known = what === "model" ? MODELS : TUNINGS;
    const whole = Object.hasOwn(known, name) ? known[name] : null;
    if (typeof field !== "string" || whole === null) return whole;
    return { ...(whole as object), [field]: revive(value) };
  }
  return Object.fromEntries(Object.entries(said).map(([key, inner]) => [key, revive(inner)]));
}

const model = (name: string) => ({ $: "model", name });
const tuning = (name: string) => ({ $: "tuning", name });
const f0 = makePassiveModel().header.f0;

const loading = (name: string): Said[] => [
  { type: "load", model: model(name), polyphony: 2, releaseT60: 0.1 },
  ...(name === "classic" ? [] : [{ type: "tuning", tuning: tuning(name) }]),
  { type: "play" },
];

const GOOD: Said[] = [
  ...Object.keys(MODELS).flatMap(loading),
  { type: "prepare", voices: 1 },
  { type: "noteOn", id: 1, f0, velocity: 0.9 },
  { type: "noteOn", id: 2, f0, velocity: 0.1, position: 0.2, cutoff: 900, time: 0.02 },
  { type: "noteOff", id: 1, time: 0.01 },
  { type: "bend", cents: 120 },
  { type: "bend", cents: -50, id: 1 },
  { type: "damp", t60: 0.2 },
  { type: "mute", t60: { $: "number", name: "Infinity" } },
  { type: "polarisation", mix: -0.5 },
  { type: "soften", t60: 0.3 },
  { type: "release", t60: 0.4 },
  { type: "control", index: 0, value: 0.5 },
  { type: "feature", index: 0, value: 0.1 },
  { type: "feature", index: 0, value: "live" },
  { type: "excite", past: { $: "samples", length: 400, fill: 0.1 }, guardHeadroom: 4 },
  { type: "stop" },
  { type: "sync", id: 1 },
  { type: "dispose" },
];

const MOST = 1e15 * 8;

export const workletMessages: Target<MessagesCase> = {
  name: "worklet-messages",
  what: "messages to the audio thread, in any order",
  kept: "json",
  shortRun: 400,
  cases: () => {
    const strange = fc.oneof(
      fc
        .constantFrom("NaN", "Infinity", "-Infinity", "1e308", "5e-324")
        .map((name) => ({ $: "number", name })),
      fc.record({
        $: fc.constant("samples"),
        length: fc.nat(4999),
        fill: fc.constantFrom("0", "1", "NaN", "1e30"),
      }),
      fc.record({
        $: fc.constantFrom("model", "tuning"),
        name: fc.constantFrom(...Object.keys(MODELS)),
        field: fc.constantFrom(...FIELDS),
        value: fc.oneof(
          anyJson,
          fc.constantFrom({ $: "number", name: "NaN" }, { $: "samples", length: 7, fill: "1" }),
        ),
      }),
    );
    const messages = GOOD.map((message) => message as Record<string, unknown>);
    const oneField = fc
      .tuple(fc.constantFrom(...messages), fc.nat(9), strange)
      .map(([message, at, value]) => {
        const keys = Object.keys(message);
        return { ...message, [keys[at % keys.length]]: value };
      });
    const message = fc.oneof(
      { arbitrary: fc.constantFrom<Said>(...GOOD), weight: 4 },
      { arbitrary: oneField, weight: 4 },
      { arbitrary: damagedJson(GOOD, 2), weight: 3 },
      { arbitrary: anyJson, weight: 1 },
    );
    const before = fc.constantFrom<Said[]>([], ...Object.keys(MODELS).map(loading));
    return fc
      .tuple(before, fc.array(message, { minLength: 1, maxLength: 12 }))
      .map(([first, rest]) => ({ messages: [...first, ...rest] }));
  },
  check: ({ messages }) => {
    const answers: unknown[] = [];
    const instrument = new Instrument(module, RATE, (answer) => answers.push(answer));
    const block = new Float32Array(128);
    for (const [i, said] of messages.entries()) {
      const message = revive(said);
      answers.length = 0;
      instrument.take(message as Parameters<Instrument["take"]>[0]);
      if (!ToWorkletSchema.safeParse(message).success)
        expect(answers).toEqual([expect.objectContaining({ type: "failed" })]);
      instrument.process(block, 128 * i);
      const loudest = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(loudest).toBeLessThanOrEqual(MOST);
      for (const answer of answers) {
        const { reason = "" } = FromWorkletSchema.parse(answer) as { reason?: string };
        expect(reason.length).toBeLessThan(500);
        // our own words, not the engine's
        expect(reason).not.toMatch(/undefined|is not a function|unreachable|out of bounds/);
      }
    }
  },
};
