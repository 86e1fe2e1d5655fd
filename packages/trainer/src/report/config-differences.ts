/**
 * Which settings of a run are not the defaults: what a reader wants to know before all the others.
 */
import { type TrainConfig, TrainConfigSchema } from "@neural-string/shared";

/** One setting, by its path as `--set` takes it. */
export interface Setting {
  path: string;
  /** As JSON. */
  value: string;
  /** As JSON, of a model of the same kind; null where the default config has no such field. */
  standard: string | null;
}

/** List every setting of a config in the order of its schema, with its default beside it. */
export function settings(config: TrainConfig): Setting[] {
  const { kind } = config.model;
  const ownKind = TrainConfigSchema.parse({ model: { kind } });
  // a kind that is not the default one differs by its name, not by all that only it has
  const standard = new Map([
    ...leaves(ownKind, ""),
    ...leaves(TrainConfigSchema.parse({}), "").filter(([path]) => path === "model.kind"),
  ]);
  return leaves(config, "").map(([path, value]) => ({ path, value, standard: standard.get(path) ?? null }));
}

/** List the settings that differ from the defaults. */
export function configDifferences(config: TrainConfig): Setting[] {
  return settings(config).filter(({ value, standard }) => value !== standard);
}

/** Lists are settings as a whole: a tap pattern is one decision. */
function leaves(value: unknown, path: string): [path: string, json: string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [[path, JSON.stringify(value) ?? "null"]];
  }
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
}
