/**
 * The models that ship: one folder each in models/, made by `pnpm models` from the config in it. What a list shows is
 * here; weights and metrics are fetched when somebody wants them.
 */
import type { Judgement } from "@neural-string/shared";
import index from "../models/index.json";

/** A model that ships. */
export interface ShippedModel {
  /** Its folder, and what links call it. */
  id: string;
  title: string;
  /** One sentence. */
  text: string;
  /** Where its model.safetensors is. */
  url: string;
}

/** What training left beside a model: how it was judged on what it never heard. */
export interface ModelRecord {
  judgements: Judgement[];
  /** Steps it was trained for. */
  steps: number;
}

const weights = import.meta.glob<string>("../models/*/model.safetensors", {
  query: "?url",
  import: "default",
  eager: true,
});
const records = import.meta.glob<ModelRecord>("../models/*/metrics.json", { import: "default" });

/** All of them, in the order in which they are shown; one that is not trained yet is left out. */
export const MODELS: readonly ShippedModel[] = index.flatMap((about) => {
  const url = weights[`../models/${about.id}/model.safetensors`];
  return url === undefined ? [] : [{ ...about, url }];
});

/** How a model was judged when it was made; undefined where nothing is known. */
export async function modelRecord(id: string): Promise<ModelRecord | undefined> {
  return records[`../models/${id}/metrics.json`]?.();
}
