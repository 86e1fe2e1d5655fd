import { schemaAt, TrainConfigSchema } from "@neural-string/shared";
import { describe, expect, test } from "vitest";

describe("schemaAt", () => {
  test("the value decides which choice of a union governs a path", () => {
    const path = ["training", "loss", "alpha"];
    const chain = (name: string) => [{}, {}, { name }];
    expect(schemaAt(TrainConfigSchema, chain("mse"), path)).toBeUndefined();
    expect(schemaAt(TrainConfigSchema, chain("energy_l1_with_penalty"), path)).toBeDefined();
    expect(schemaAt(TrainConfigSchema, [], path)).toBeDefined();
  });

  test.each([
    "toString",
    "__proto__",
    "constructor.prototype",
    "training.__proto__.x",
    "name.length",
    "data.f0.x",
  ])("%s leads out of the schema", (path) => {
    expect(schemaAt(TrainConfigSchema, [], path.split("."))).toBeUndefined();
  });
});
