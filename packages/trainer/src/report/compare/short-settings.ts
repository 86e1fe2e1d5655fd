/** Settings in few characters, to tell runs of one config apart where there is no room for their paths. */
import type { ComparedRun } from "./compared-run.ts";

/** Last parts of a path that say nothing without the one before: `training.loss.name` is the loss. */
const BARE = /\.(name|kind)$/;
/** A value that is longer is for the table, not for a legend. */
const MOST_CHARACTERS = 18;
/** A run's folder is called by it. */
const IN_THE_ID = "name";

/** One setting, and its value in each of the runs. */
export interface ShortSetting {
  /** The last part of its path, or all of it where another ends alike. */
  name: string;
  /** [runs], without quotes; null where too long. */
  values: (string | null)[];
}

/** Names by run: the numbers of their folders where those tell them apart, else the folders' names. */
export function shortIds(runs: readonly ComparedRun[]): string[] {
  const numbers = runs.map(({ id }) => /^\d{4,}(?=-)/.exec(id)?.[0] ?? id);
  return numbers.map((number, i) =>
    numbers.indexOf(number) === numbers.lastIndexOf(number) ? number : runs[i].id,
  );
}

/** Settings of runs. @param paths of those that differ */
export function shortSettings(runs: readonly ComparedRun[], paths: readonly string[]): ShortSetting[] {
  const last = (path: string) => path.replace(BARE, "").split(".").at(-1) ?? path;
  const ends = paths.map(last);
  return paths
    .filter((path) => path !== IN_THE_ID)
    .map((path) => ({
      name: ends.filter((end) => end === last(path)).length === 1 ? last(path) : path,
      values: runs.map(({ settings }) => shortValue(settings.get(path))),
    }));
}

function shortValue(json: string | undefined): string | null {
  const text = json?.replace(/^"(.*)"$/, "$1") ?? "–";
  return text.length > MOST_CHARACTERS ? null : text;
}
