/**
 * The one way in for data from outside: a value is checked against its schema, and what is wrong is said in one
 * sentence a person can act on (field, expected, got, what to do). Used for configs, model headers, run records
 * and worklet messages.
 */
import { distance } from "fastest-levenshtein";
import type { z } from "zod";
import { UserError } from "./user-error.ts";

type Path = readonly PropertyKey[];
/** The parts of zod's schema definitions that we walk through. */
interface Definition {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  discriminator?: string;
}

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

/** Parse JSON text, then as parseOrExplain. */
export function parseJsonOrExplain<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  where: string,
): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(
      `${where}: expected JSON, got something else (${clip((error as Error).message, 120)})`,
    );
  }
  return parseOrExplain(schema, value, where);
}

/** Longest explanation, so that it stays a sentence whatever a damaged file holds (characters). */
const LONGEST_EXPLANATION = 260;
const LONGEST_VALUE = 60;

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
      return `${field}expected ${typeNameAt(schema, value, issue)}, got ${got}`;
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
  // an option of the same choice that was not taken is no place to send anyone
  const asked = [...path.map(String), key].join(".");
  const meant =
    suggestion(key, valid) ||
    suggestion(
      key,
      placesOf(schema).filter((place) => place !== asked),
      lastPart,
    );
  return `${name}: unknown key${meant}; known here: ${valid.join(", ")}`;
}

/** Paths anywhere in the schema whose last part is a word of its own: the key may belong in another section. */
function placesOf(schema: z.ZodType, path: readonly string[] = []): string[] {
  const here = unwrap(schema);
  const { type, options } = definition(here);
  if (options !== undefined) return options.flatMap((option) => placesOf(option, path));
  if (type !== "object" || path.length > DEEPEST) return [];
  const { shape } = here as z.ZodObject;
  return Object.keys(shape).flatMap((name) => {
    const place = [...path, name];
    return [place.join("."), ...placesOf(shape[name] as unknown as z.ZodType, place)];
  });
}

const DEEPEST = 4;

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
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
  const near = typeof got === "string" ? suggestion(got, names) : "";
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

const SIMPLE = new Set(["string", "number", "boolean"]);

/** Name a value in a message: short, whatever its size or depth. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return clip(JSON.stringify(value.slice(0, LONGEST_VALUE + 1)));
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return clip(String(value));
  const prototype = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && prototype !== Object.prototype)
    return prototype.constructor?.name ?? "a strange object";
  const contents = Object.values(value);
  const simple = contents.length < 5 && contents.every((x) => x === null || SIMPLE.has(typeof x));
  const text = simple ? JSON.stringify(value) : "";
  if (text !== "" && text.length <= LONGEST_VALUE) return text;
  return Array.isArray(value) ? `a list of ${value.length}` : "an object";
}

function clip(text: string, longest = LONGEST_VALUE): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}

function valueAt(value: unknown, path: Path): unknown {
  return valueChain(value, path).at(-1);
}

/** The value, and what each step of the path leads to. */
function valueChain(value: unknown, path: Path): unknown[] {
  const chain = [value];
  for (const key of path) {
    const parent = chain.at(-1);
    chain.push(typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined);
  }
  return chain;
}

/** The keys an object may have at a path of the schema. */
function keysAt(schema: z.ZodType, chain: unknown[], path: Path): string[] {
  const found = schemaAt(schema, chain, path);
  const object = found && choose(found, chain.at(-1));
  return object && definition(object).type === "object" ? Object.keys((object as z.ZodObject).shape) : [];
}

/**
 * Find the schema that governs a path; where a union leaves a choice, the values on the way decide.
 * @param chain the values along the path, or [] to take the first choice that has the path's next key
 * @returns undefined where the path leaves the schema
 */
export function schemaAt(schema: z.ZodType, chain: unknown[], path: Path): z.ZodType | undefined {
  let here: z.ZodType | undefined = schema;
  for (const [i, key] of path.entries()) {
    if (here === undefined) return undefined;
    const choice: z.ZodType = choose(here, chain[i], String(key));
    const { type, element } = definition(choice);
    if (type === "object") here = fieldOf(choice, String(key));
    else if (type === "array") here = element;
    else return undefined;
  }
  return here;
}

/** The schema of an object's own field: "constructor" and "__proto__" are no fields of ours. */
function fieldOf(object: z.ZodType, key: string): z.ZodType | undefined {
  const { shape } = object as z.ZodObject;
  return Object.hasOwn(shape, key) ? (shape[key] as z.ZodType) : undefined;
}

/** See through defaults and the like, and pick the choice of a union that fits the value, else that has the key. */
function choose(schema: z.ZodType, value: unknown, key?: string): z.ZodType {
  const inner = unwrap(schema);
  const { options, discriminator } = definition(inner);
  if (options === undefined) return inner;
  const choices = options.map((option) => choose(option, value, key));
  const fits = choices.find((choice) => {
    if (discriminator === undefined) return definition(choice).type === kindOf(value);
    const literal = fieldOf(choice, discriminator) as unknown as z.ZodLiteral | undefined;
    return literal?.values.has(valueAt(value, [discriminator]) as string);
  });
  const objects = choices.filter((choice) => definition(choice).type === "object");
  const hasKey = objects.find((object) => key !== undefined && fieldOf(object, key) !== undefined);
  return fits ?? hasKey ?? objects[0] ?? choices[0];
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = definition(schema);
  if (innerType) return unwrap(innerType);
  return input ? unwrap(input) : schema;
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
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
