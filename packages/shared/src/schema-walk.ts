/** Finds the way through zod's schemas: what governs a field, which fields there are, where else a name occurs. */
import type { z } from "zod";

/** Keys and indices from the outside in. */
export type Path = readonly PropertyKey[];

/** The parts of zod's schema definitions that we walk through. */
interface Definition {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  in?: z.ZodType;
  options?: z.ZodType[];
  discriminator?: string;
}

/** What a schema is made of. */
export function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** See through defaults and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  const { innerType, in: input } = definition(schema);
  if (innerType) return unwrap(innerType);
  return input ? unwrap(input) : schema;
}

/** What a path leads to; undefined where it leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  return valueChain(value, path).at(-1);
}

/** The value, and what each step of the path leads to. */
export function valueChain(value: unknown, path: Path): unknown[] {
  const chain = [value];
  for (const key of path) {
    const parent = chain.at(-1);
    chain.push(typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined);
  }
  return chain;
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

/** The keys an object may have at a path of the schema. */
export function keysAt(schema: z.ZodType, chain: unknown[], path: Path): string[] {
  const found = schemaAt(schema, chain, path);
  const object = found && choose(found, chain.at(-1));
  return object && definition(object).type === "object" ? Object.keys((object as z.ZodObject).shape) : [];
}

/** The schema of an object's own field: "constructor" and "__proto__" are no fields of ours. */
function fieldOf(object: z.ZodType, key: string): z.ZodType | undefined {
  const { shape } = object as z.ZodObject;
  return Object.hasOwn(shape, key) ? (shape[key] as z.ZodType) : undefined;
}

/** A choice of a discriminated union that was not taken. */
export interface OtherChoice {
  /** Of the word that tells the choices apart. */
  path: Path;
  /** That word, as it is. */
  taken: unknown;
  /** As it would have to be. */
  names: readonly unknown[];
}

/**
 * Find the choices of a discriminated union that have a field which the one that was taken has not, or has otherwise.
 * @param path of the field
 * @param fits whether the other choice's field is what is sought
 */
export function otherChoice(
  schema: z.ZodType,
  value: unknown,
  path: Path,
  fits: (field: z.ZodType) => boolean,
): OtherChoice | undefined {
  const place = path.slice(0, -1);
  const { options = [], discriminator } = discriminatedAt(schema, value, place) ?? {};
  if (path.length === 0 || discriminator === undefined) return undefined;
  const taken = valueAt(value, [...place, discriminator]);
  const names = options.flatMap((option) => {
    const choice = unwrap(option);
    const [name] = literalsOf(choice, discriminator);
    const field = fieldOf(choice, String(path.at(-1)));
    return name !== taken && field !== undefined && fits(field) ? [name] : [];
  });
  return names.length === 0 ? undefined : { path: [...place, discriminator], taken, names };
}

/** The discriminated union that a path leads to, itself a choice of a union perhaps. */
function discriminatedAt(schema: z.ZodType, value: unknown, path: Path): Definition | undefined {
  const found = schemaAt(schema, valueChain(value, path), path);
  if (found === undefined) return undefined;
  const here = definition(unwrap(found));
  const among = [here, ...(here.options ?? []).map((option) => definition(unwrap(option)))];
  return among.find(({ discriminator }) => discriminator !== undefined);
}

/** The words that stand for a choice of a discriminated union. */
function literalsOf(choice: z.ZodType, discriminator: string): unknown[] {
  const literal = fieldOf(choice, discriminator) as unknown as z.ZodLiteral | undefined;
  return [...(literal?.values ?? [])];
}

/** See through defaults and the like, and pick the choice of a union that fits the value, else that has the key. */
function choose(schema: z.ZodType, value: unknown, key?: string): z.ZodType {
  const inner = unwrap(schema);
  const { options, discriminator } = definition(inner);
  if (options === undefined) return inner;
  const choices = options.map((option) => choose(option, value, key));
  const fits = choices.find((choice) => {
    if (discriminator === undefined) return definition(choice).type === kindOf(value);
    return literalsOf(choice, discriminator).includes(valueAt(value, [discriminator]));
  });
  const objects = choices.filter((choice) => definition(choice).type === "object");
  const hasKey = objects.find((object) => key !== undefined && fieldOf(object, key) !== undefined);
  return fits ?? hasKey ?? objects[0] ?? choices[0];
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** `placesOf`, those first that share most of a path, then those that lie least deep. */
export function placesNear(schema: z.ZodType, path: Path): string[] {
  const shared = (place: string) => {
    const keys = place.split(".");
    const apart = path.findIndex((key, i) => String(key) !== keys[i]);
    return apart < 0 ? path.length : apart;
  };
  const depth = (place: string) => place.split(".").length;
  return placesOf(schema).toSorted((a, b) => shared(b) - shared(a) || depth(a) - depth(b));
}

/** Paths anywhere in the schema whose last part is a word of its own: the key may belong in another section. */
function placesOf(schema: z.ZodType, path: readonly string[] = []): string[] {
  const here = unwrap(schema);
  const { type, options, element } = definition(here);
  if (options !== undefined) return options.flatMap((option) => placesOf(option, path));
  // of a list of objects, the first stands for all; what is in a list of choices depends on what is chosen
  if (element !== undefined && definition(unwrap(element)).type === "object")
    return placesOf(element, [...path, "0"]);
  if (type !== "object" || path.length > DEEPEST) return [];
  const { shape } = here as z.ZodObject;
  return Object.keys(shape).flatMap((name) => {
    const place = [...path, name];
    return [place.join("."), ...placesOf(shape[name] as unknown as z.ZodType, place)];
  });
}

const DEEPEST = 4;

/** The field that a dotted path names. */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
