/**
 * A trial: one resolved config and the recordings it names, known by the hash of both. Two trials with one hash would
 * train the same string, so a sweep has it once; and a recording that has changed makes other trials.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import {
  parseOrExplain,
  type TrainConfig,
  type TrialData,
  TrialDataSchema,
  type TrialJob,
  UserError,
} from "@neural-string/shared";
import { resolveValue, type WrittenConfig } from "../config.ts";
import { readWhole } from "../files.ts";
import { pathOf } from "../sources.ts";
import type { Assignments } from "./space.ts";

/** A trial, before anything is done about it. */
export interface Trial extends Pick<TrialJob, "id" | "number" | "config" | "data"> {
  set: Assignments;
}

/** Makes trials of one sweep. */
export class TrialMaker {
  readonly #base: WrittenConfig;
  readonly #where: string;
  readonly #data = new Map<string, TrialData>();

  /**
   * @param base the config that trials change, as it was written
   * @param where what it is, as the user knows it
   */
  constructor(base: WrittenConfig, where: string) {
    this.#base = base;
    this.#where = where;
  }

  /**
   * Resolve a trial.
   * @throws UserError where what it sets makes no config, its length is a time, or a recording cannot be read
   */
  make(set: Assignments, number: number): Trial {
    const config = resolveValue(structuredClone(this.#base), this.#where, { set: settingsOf(set) });
    if (config.training.steps === null) {
      throw new UserError(
        `${this.#where}: training.steps: expected a number of steps, got none; trials of a sweep are compared at stated lengths: give --steps`,
      );
    }
    const data = stringSources(config).map((source) => this.#dataOf(source));
    return { number, id: idOf(config, data), set, config, data };
  }

  #dataOf(source: string): TrialData {
    const known = this.#data.get(source);
    if (known !== undefined) return known;
    const path = pathOf(source);
    const bytes = readWhole(path, "a recording");
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const found = { source, name: basename(path), sha256, bytes: bytes.length };
    const data = parseOrExplain(TrialDataSchema, found, source);
    this.#data.set(source, data);
    return data;
  }
}

/** Every recording that a config names as a text, each once. */
export function stringSources({ recordings, judge, data }: TrainConfig): string[] {
  const all = [...recordings, ...judge.recordings, ...data.stability, ...data.harmonics];
  return [...new Set(all.filter((source) => typeof source === "string"))];
}

/** As `--set` would say it. */
export function settingsOf(set: Assignments): string[] {
  return Object.entries(set).map(
    ([path, value]) => `${path}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
}

/** The hash of a config and its data. */
export function idOf(config: TrainConfig, data: readonly TrialData[]): string {
  // resolved configs have their fields in the schema's order
  const text = JSON.stringify([config, data.map(({ source, sha256 }) => [source, sha256])]);
  return createHash("sha256").update(text).digest("hex");
}

/** A trial's folder among those of its sweep. */
export function folderName({ number, id }: Pick<Trial, "number" | "id">): string {
  return `${String(number).padStart(4, "0")}-${id.slice(0, 12)}`;
}
