/**
 * Checks what comes through the port before anything is done or reserved for it: a page may be wrong, or be talked to by
 * another. `packages/shared` says the same as a schema, and a test holds the two together; this package imports nothing.
 */
import { checkModel } from "./model-check.ts";
import { MOST_BEND_CENTS } from "./playing-limits.ts";
import { show } from "./safetensors.ts";
import type { ToWorklet } from "./worklet-messages.ts";

/** What a field must be. */
interface Rule {
  expected: string;
  holds(value: unknown): boolean;
  isOptional?: true;
}

const numberIn = (least: number, most: number): Rule => ({
  expected: `a number from ${least} to ${most}`,
  holds: (value) => typeof value === "number" && value >= least && value <= most,
});
const wholeIn = (least: number, most = Number.MAX_SAFE_INTEGER): Rule => ({
  expected: `a whole number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "on"}`,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
});
const optional = (rule: Rule): Rule => ({ ...rule, isOptional: true });

const FINITE: Rule = { expected: "a finite number", holds: Number.isFinite };
const POSITIVE: Rule = {
  expected: "a number above 0",
  holds: (value) => Number.isFinite(value) && (value as number) > 0,
};
const T60: Rule = {
  expected: "seconds above 0, or Infinity",
  holds: (value) => typeof value === "number" && value > 0,
};
const SAMPLES: Rule = { expected: "a Float32Array", holds: isSamples };
const ANY: Rule = { expected: "", holds: () => true }; // looked at further below

const time = optional(FINITE);
const t60 = T60;

/** What each message holds beside its type, and nothing else. */
const MESSAGES: Record<ToWorklet["type"], Record<string, Rule>> = {
  load: { model: ANY, polyphony: wholeIn(1, 256), releaseT60: T60, lowestF0: optional(POSITIVE) },
  prepare: { voices: wholeIn(1) },
  tuning: { tuning: ANY },
  play: {},
  noteOn: {
    id: wholeIn(1),
    f0: POSITIVE,
    velocity: numberIn(0, 1),
    position: optional({
      expected: "a number above 0 and up to 0.5",
      holds: (value) => numberIn(0, 0.5).holds(value) && value !== 0,
    }),
    cutoff: optional(POSITIVE),
    time,
  },
  noteOff: { id: wholeIn(1), time },
  bend: { cents: numberIn(-MOST_BEND_CENTS, MOST_BEND_CENTS), id: optional(wholeIn(1)), time },
  damp: { t60, time },
  mute: { t60, time },
  polarisation: { mix: numberIn(-1, 1), time },
  soften: { t60, time },
  release: { t60, time },
  control: { index: wholeIn(0), value: FINITE, time },
  feature: {
    index: wholeIn(0),
    value: { expected: 'a number or "live"', holds: (value) => value === "live" || Number.isFinite(value) },
    time,
  },
  excite: {
    past: SAMPLES,
    guardHeadroom: {
      expected: "a number from 0 on",
      holds: (value) => Number.isFinite(value) && (value as number) >= 0,
    },
    time,
  },
  stop: { time },
  sync: { id: wholeIn(1) },
  dispose: {},
};

/** What a tuning holds; whether it fits the model is for the bank of tunings to say. */
const TUNING: Record<string, Rule> = {
  ...{ sampleRate: POSITIVE, f0: POSITIVE, period: wholeIn(1), taps: wholeIn(2), ahead: wholeIn(0) },
  ...{ hop: wholeIn(1), longestDelay: wholeIn(1), loopTaps: SAMPLES },
  gain: {
    expected: "a number between 0 and 1",
    holds: (value) => numberIn(0, 1).holds(value) && value !== 0 && value !== 1,
  },
  excitations: { expected: "a list of Float32Arrays", holds: areSamples },
  coupled: { expected: "a list of Float32Arrays", holds: areSamples },
};

function isSamples(value: unknown): boolean {
  return value instanceof Float32Array;
}

function areSamples(value: unknown): boolean {
  return Array.isArray(value) && Array.from(value).every(isSamples);
}

/**
 * Check a message.
 * @throws RangeError or ModelFileError, one sentence: which field, expected, got
 */
export function checkMessage(message: unknown): asserts message is ToWorklet {
  const type = requestOf(message);
  if (type === "unknown") {
    const got = typeof message === "object" && message !== null ? Reflect.get(message, "type") : message;
    throw new RangeError(`type: expected one of ${Object.keys(MESSAGES).join(", ")}, got ${show(got)}`);
  }
  const fields = message as Record<string, unknown>;
  checkFields(type, { type: ANY, ...MESSAGES[type] }, fields);
  if (type === "load") checkModel(fields.model);
  if (type !== "tuning") return;
  const { tuning } = fields;
  if (typeof tuning !== "object" || tuning === null)
    throw new RangeError(`tuning: expected an object, got ${show(tuning)}`);
  checkFields("tuning", TUNING, tuning as Record<string, unknown>);
}

/** A message's type, "unknown" where it has none of ours. */
export function requestOf(message: unknown): ToWorklet["type"] | "unknown" {
  const type = typeof message === "object" && message !== null ? Reflect.get(message, "type") : undefined;
  return typeof type === "string" && Object.hasOwn(MESSAGES, type) ? (type as ToWorklet["type"]) : "unknown";
}

function checkFields(what: string, rules: Record<string, Rule>, fields: Record<string, unknown>): void {
  for (const key of Object.keys(fields)) {
    if (Object.hasOwn(rules, key)) continue;
    throw new RangeError(
      `${what}: expected only ${Object.keys(rules).join(", ")}, got ${show(key)} beside them`,
    );
  }
  for (const [key, { expected, holds, isOptional }] of Object.entries(rules)) {
    const value = fields[key];
    if (holds(value) || (isOptional && value === undefined)) continue;
    throw new RangeError(`${what}.${key}: expected ${expected}, got ${show(value)}`);
  }
}
