/** A value from outside in a message: short and on one line, whatever it is. */

/** Characters. */
const LONGEST_VALUE = 60;

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

const SIMPLE = new Set(["string", "number", "boolean"]);

/** Cut a text to a length (characters). */
export function clip(text: string, longest = LONGEST_VALUE): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}
