/**
 * The one way in for data from outside: a value is checked against its schema, and what is wrong is said in one
 * sentence a person can act on (field, expected, got, what to do). Used for configs, model headers, run records
 * and worklet messages.
 */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { clip, describeValue } from "./describe-value.ts";
import { repeatedKey } from "./repeated-key.ts";
import {
  definition,
  keysAt,
  lastPart,
  type OtherChoice,
  otherChoice,
  type Path,
  placesNear,
  schemaAt,
  unwrap,
  valueAt,
  valueChain,
} from "./schema-walk.ts";
import { UserError } from "./user-error.ts";

/**
 * Parse a value, or explain in one sentence what is wrong with its first bad field.
 * @param where what the value is, as the user knows it: a file's path, "--set", "message"
 * @throws UserError
 */
export function parseOrExplain<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const explanation = explain(schema, value, result.error.issues[0]);
  throw new UserError(`${where}: ${clip(explanation, LONGEST_EXPLANATION)}`);
}

/**
 * Parse JSON text in which no object has a key twice: of two, one would be dropped in silence.
 * @param where what the text is, for the message
 * @param advice what to do about a key that is there twice
 * @throws UserError where it is not JSON, or has a key twice
 */
export function parseJson(text: string, where: string, advice = "keep one of them"): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${where}: expected JSON, got something else (${clip((error as Error).message, 120)})`,
    );
  }
  const twice = repeatedKey(text);
  if (twice !== undefined)
    throw new UserError(`${where}: expected every key once, got ${describeValue(twice)} twice; ${advice}`);
  return value;
}

/** Parse JSON text, then as parseOrExplain. */
export function parseJsonOrExplain<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  where: string,
): z.output<Schema> {
  return parseOrExplain(schema, parseJson(text, where), where);
}

/** Longest explanation, so that it stays a sentence whatever a damaged file holds (characters). */
const LONGEST_EXPLANATION = 400;

/** Say what one issue means: "training.batchSize: expected a whole number, got "many"". */
function explain(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue, above: Path = []): string {
  const path = [...above, ...issue.path];
  const field = path.length > 0 ? `${fieldName(path)}: ` : "";
  const bad = valueAt(value, issue.path);
  const got = describeValue(bad);
  switch (issue.code) {
    case "unrecognized_keys":
      return explainUnknownKey(schema, value, issue, above);
    case "invalid_type":
      return explainType(schema, value, issue, above);
    case "invalid_value":
      return `${field}${explainChoice(issue.values, bad)}`;
    case "invalid_union":
      return explainUnion(schema, value, issue, above);
    case "too_small":
      return `${field}expected ${amount(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum)}, got ${got}`;
    case "too_big":
      return `${field}expected ${amount(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum)}, got ${got}`;
    default:
      return `${field}${issue.message}, got ${got}`;
  }
}

const EXPECTED: Record<string, string> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};

function typeName(type: string): string {
  return EXPECTED[type] ?? type;
}

function typeNameAt(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssueInvalidType): string {
  if (issue.expected === "number" && typeof valueAt(value, issue.path) === "number") return "a finite number";
  const found = schemaAt(schema, valueChain(value, issue.path), issue.path);
  const discriminator = found && definition(unwrap(found)).discriminator;
  return discriminator === undefined ? typeName(issue.expected) : objectWith(discriminator);
}

function explainType(
  schema: z.ZodType,
  value: unknown,
  issue: z.core.$ZodIssueInvalidType,
  above: Path,
): string {
  const path = [...above, ...issue.path];
  const field = path.length > 0 ? `${fieldName(path)}: ` : "";
  const bad = valueAt(value, issue.path);
  // another choice's field of this name may be of the type that was given
  const isNumber = typeof bad === "number" && (issue.expected === "int" || issue.expected === "number");
  const other = otherChoice(schema, value, issue.path, (field) => {
    if (isNumber) return false;
    const { error } = field.safeParse(bad);
    return error === undefined || error.issues[0].path.length > 0;
  });
  const { here, instead } = other ? explainOther(other, above) : { here: "", instead: "" };
  return `${field}expected ${typeNameAt(schema, value, issue)}${here}, got ${describeValue(bad)}${instead}`;
}

/** Say that another choice of a discriminated union has what was meant. */
function explainOther({ path, taken, names }: OtherChoice, above: Path): { here: string; instead: string } {
  const word = fieldName([...above, ...path]);
  return {
    here: ` where ${word} is ${describeValue(taken)}`,
    instead: `; for that set ${word} to ${names.map(describeValue).join(" or ")}`,
  };
}

function objectWith(discriminator: string): string {
  return `an object with "${discriminator}"`;
}

function fieldName(path: Path): string {
  return path.map((key) => clip(String(key))).join(".");
}

function amount(origin: string, bound: string, limit: number | bigint): string {
  if (origin === "array") return `a list of ${bound} ${limit}`;
  if (origin === "string") return `a text of ${bound} ${limit} ${limit === 1 ? "character" : "characters"}`;
  return `${bound} ${limit}`;
}

function explainUnknownKey(
  schema: z.ZodType,
  value: unknown,
  { path, keys: [key] }: z.core.$ZodIssueUnrecognizedKeys,
  above: Path,
): string {
  const name = fieldName([...above, ...path, key]);
  const valid = keysAt(schema, valueChain(value, path), path);
  if (valid.length === 0) return `${name}: unknown key; remove it`;
  const other = otherChoice(schema, value, [...path, key], () => true);
  if (other) {
    const { here, instead } = explainOther(other, above);
    return `${name}: unknown key${here}${instead}; known here: ${valid.join(", ")}`;
  }
  const meant = suggestion(key, valid) || suggestion(key, placesNear(schema, path), lastPart);
  return `${name}: unknown key${meant}; known here: ${valid.join(", ")}`;
}

/** A discriminated union says which names there are; another one explains the choice that was meant. */
function explainUnion(
  schema: z.ZodType,
  value: unknown,
  issue: z.core.$ZodIssueInvalidUnion,
  above: Path,
): string {
  const path = [...above, ...issue.path];
  const field = path.length > 0 ? `${fieldName(path)}: ` : "";
  const bad = valueAt(value, issue.path);
  if ("options" in issue) return `${field}${explainChoice(issue.options ?? [], bad)}`;
  const union = schemaAt(schema, valueChain(value, issue.path), issue.path);
  const options = (union && definition(unwrap(union)).options) ?? [];
  const meant = issue.errors.findIndex(([first]) => !isOtherKind(first));
  if (meant >= 0) return explain(options[meant], bad, issue.errors[meant][0], path);
  return `${field}expected ${options.flatMap(kindNames).join(" or ")}, got ${describeValue(bad)}`;
}

/** Whether the value is of another kind than this choice of a union altogether. */
function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && (issue.code === "invalid_type" || issue.code === "invalid_value");
}

/** What a choice of a union may look like. */
function kindNames(option: z.ZodType): string[] {
  const { type, options, discriminator } = definition(unwrap(option));
  if (type === "literal") return [...(unwrap(option) as z.ZodLiteral).values].map(describeValue);
  if (discriminator !== undefined) return [objectWith(discriminator)];
  return options ? options.flatMap(kindNames) : [typeName(type)];
}

function explainChoice(values: readonly unknown[], got: unknown): string {
  const names = values.map(String);
  const expected = names.length === 1 ? names[0] : `one of ${names.join(", ")}`;
  // a number is not what a text that looks like it was meant to be
  const texts = values.filter((value) => typeof value === "string");
  const near = typeof got === "string" ? suggestion(got, texts) : "";
  return `expected ${expected}, got ${describeValue(got)}${near}`;
}

/**
 * Name the valid word that begins like this one, or is nearest, if one is near enough to be meant.
 * @param part what of a valid name the word is compared with
 */
function suggestion(
  got: string,
  valid: readonly string[],
  part: (name: string) => string = (name) => name,
): string {
  const word = clip(got).toLowerCase();
  const away = (name: string) => distance(word, part(name).toLowerCase());
  const nearest = valid.toSorted((a, b) => away(a) - away(b))[0];
  const near = nearest !== undefined && away(nearest) <= Math.max(1, Math.round(word.length * 0.4));
  const begun = word.length < 3 ? undefined : valid.find((name) => part(name).toLowerCase().startsWith(word));
  const meant = begun ?? (near ? nearest : undefined);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

/**
 * Read the text of `--set path=value` as the schema's type at that path: a text stays a text, all else is JSON.
 * `null` is null wherever the schema allows it.
 * @param path dotted, as "training.batchSize"
 */
export function parseSetting(schema: z.ZodType, path: string, text: string): unknown {
  const target = schemaAt(schema, [], path.split("."));
  if (target !== undefined && acceptsText(target)) {
    return text === "null" && target.safeParse(null).success ? null : text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function acceptsText(schema: z.ZodType): boolean {
  const { type } = definition(unwrap(schema));
  return type === "string" || type === "enum" || type === "literal";
}
