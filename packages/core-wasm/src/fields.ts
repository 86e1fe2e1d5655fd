/** Reads single fields of a model's description, each within its limits, by hand: core-wasm has no dependencies. */
import { fail, isRecord, show } from "./safetensors.ts";

/** A number within limits. @throws ModelFileError */
export function number(value: unknown, field: string, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  fail(field, `a number from ${least} to ${most}`, show(value));
}

/** A whole number within limits. @throws ModelFileError */
export function integer(value: unknown, field: string, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number;
  fail(field, `a whole number from ${least} to ${most}`, show(value));
}

/** A list of so many entries. @throws ModelFileError */
export function list(value: unknown, field: string, least: number, most: number): unknown[] {
  if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
  const size = least === most ? `${least}` : `${least} to ${most}`;
  fail(field, `a list of ${size}`, Array.isArray(value) ? `${value.length}` : show(value));
}

/** An object. @throws ModelFileError */
export function record(value: unknown, field: string): Record<string, unknown> {
  if (!isRecord(value)) fail(field, "an object", show(value));
  return value;
}
