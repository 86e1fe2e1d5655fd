import { TrainConfigSchema } from "@neural-string/shared";
import { configDifferences, settings } from "@neural-string/trainer/report/config-differences";
import { describe, expect, test } from "vitest";

describe("configDifferences", () => {
  test("finds none in the default config", () => {
    expect(configDifferences(TrainConfigSchema.parse({}))).toEqual([]);
  });

  test("names each changed field by its path, with its default; a field the default lacks has none", () => {
    const config = TrainConfigSchema.parse({
      model: { kind: "classic", hidden: [] },
      training: { schedule: { name: "step", steps: 9 } },
    });
    const differences = configDifferences(config).map(({ path, value, standard }) => [path, value, standard]);
    expect(differences).toContainEqual(["model.hidden", "[]", '[{"units":100,"activation":"tanh"}]']);
    expect(differences).toContainEqual(["training.schedule.name", '"step"', '"cosine"']);
    expect(differences).toContainEqual(["training.schedule.steps", "9", null]);
    expect(differences).toContainEqual(["model.kind", '"classic"', '"passive"']);
    expect(differences).toHaveLength(5); // and the schedule's factor
  });

  test("sets a model of another kind than the default against the defaults of its own", () => {
    const config = TrainConfigSchema.parse({ model: { kind: "classic" } });
    expect(configDifferences(config).map(({ path }) => path)).toEqual(["model.kind"]);
  });
});

describe("settings", () => {
  test("lists every field once", () => {
    const paths = settings(TrainConfigSchema.parse({ model: { kind: "classic" } })).map(({ path }) => path);
    expect(paths).toEqual([...new Set(paths)]);
    expect(paths).toContain("training.batchSize");
    expect(paths).toContain("model.tapPattern");
  });
});
