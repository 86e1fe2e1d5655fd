import { describeValue } from "@neural-string/shared";
import { describe, expect, test } from "vitest";

describe("describeValue", () => {
  test.each([
    [undefined, "nothing"],
    [null, "null"],
    [-0.5, "-0.5"],
    [Number.NaN, "NaN"],
    ['say "a"', '"say \\"a\\""'],
    [[1, "a", null], '[1,"a",null]'],
    [[1, 2, 3, 4, 5], "a list of 5"],
    [{ name: "mse" }, '{"name":"mse"}'],
    [{ a: {} }, "an object"],
    [Object.create(null), "{}"],
    [new Date(0), "Date"],
  ])("%j is %s", (value, expected) => {
    expect(describeValue(value)).toBe(expected);
  });
});
