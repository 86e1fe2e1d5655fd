/**
 * `--over` as a person types it: `path=16,32,64`, `path=log(1e-4..1e-2)`, `path=int(4..64)`, `path=0.1..0.9`. A grid
 * takes five values of a range, or as many as `x8` behind it says.
 */

import type { Space } from "@neural-string/shared";
import {
  clip,
  parseOrExplain,
  parseSetting,
  SpaceSchema,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";

const NUMBER = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`;
const RANGE = new RegExp(
  String.raw`^(?:(?<kind>[a-z-]+)\(\s*)?(?<from>${NUMBER})\s*\.\.\s*(?<to>${NUMBER})\s*(?<close>\))?(?:\s*x\s*(?<points>\d+))?$`,
  "i",
);
const KINDS: Record<string, { scale: "linear" | "log"; whole: boolean }> = {
  linear: { scale: "linear", whole: false },
  log: { scale: "log", whole: false },
  int: { scale: "linear", whole: true },
  "log-int": { scale: "log", whole: true },
};
const EXAMPLE =
  "for example --over training.batchSize=16,32,64 or --over model.hidden.0.units=log-int(8..256)";

/** Read the options. @throws UserError that names the one which cannot be read */
export function parseOver(texts: readonly string[]): Space {
  const space: Record<string, unknown> = {};
  for (const text of texts) {
    const split = text.indexOf("=");
    if (split < 1) throw new UserError(`--over ${text}: expected path=values, ${EXAMPLE}`);
    const path = text.slice(0, split).trim();
    if (Object.hasOwn(space, path) || path === "__proto__")
      throw new UserError(
        `--over ${path}: expected each path once, got it again; name all its values in one`,
      );
    space[path] = valuesOf(path, text.slice(split + 1).trim());
  }
  return parseOrExplain(SpaceSchema, space, "--over");
}

function valuesOf(path: string, text: string): unknown {
  const range = RANGE.exec(text)?.groups;
  if (range !== undefined && (range.kind === undefined) === (range.close === undefined)) {
    const kind = (range.kind ?? "linear").toLowerCase();
    if (!Object.hasOwn(KINDS, kind)) {
      const kinds = Object.keys(KINDS).join(", ");
      throw new UserError(`--over ${path}: expected one of ${kinds} before the parenthesis, got ${kind}`);
    }
    const points = range.points === undefined ? {} : { points: Number(range.points) };
    return { from: Number(range.from), to: Number(range.to), ...KINDS[kind], ...points };
  }
  const parts = splitOutside(text);
  if (parts.some((part) => part === ""))
    throw new UserError(`--over ${path}: expected values joined by commas, got an empty one; ${EXAMPLE}`);
  const values = parts.map((part) => parseSetting(TrainConfigSchema, path, part));
  refuseTwice(`--over ${path}`, values, parts);
  return values;
}

/**
 * Refuse a value that is there twice: it makes two trials that are alike to the bit.
 * @param where the values stand, as the user knows it
 * @param written as the user wrote them; default as JSON
 * @throws UserError
 */
export function refuseTwice(where: string, values: readonly unknown[], written?: readonly string[]): void {
  const alike = values.map((value) => JSON.stringify(value));
  const twice = alike.findIndex((value, i) => alike.indexOf(value) !== i);
  if (twice < 0) return;
  throw new UserError(
    `${where}: expected each value once, got ${clip((written ?? alike)[twice])} twice; leave one out (to repeat trials, vary training.seed)`,
  );
}

/** Split at the commas that stand in no brackets and no quotes. */
function splitOutside(text: string): string[] {
  const parts = [""];
  let depth = 0;
  let isQuoted = false;
  for (const [i, character] of [...text].entries()) {
    if (character === '"' && text[i - 1] !== "\\") isQuoted = !isQuoted;
    if (!isQuoted && "[{".includes(character)) depth++;
    if (!isQuoted && "]}".includes(character)) depth--;
    if (character === "," && depth === 0 && !isQuoted) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim());
}
