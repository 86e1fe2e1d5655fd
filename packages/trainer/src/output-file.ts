/** Where a command may write what it was asked to: anywhere but over what it reads, or over what a run's folder keeps. */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { RENDER_NAME } from "./run-folder.ts";

/** What a run's folder keeps beside its renders; its report.html is drawn anew from the rest. */
const KEPT = new Set([
  "run.json",
  "config.json",
  "log.jsonl",
  "losses.bin",
  "metrics.json",
  "model.safetensors",
]);

/**
 * Check where a result will go, before any work is done for it.
 * @param out the file that will be written
 * @param read the files that the command reads
 * @throws UserError where it would destroy one of them, or a part of a run
 */
export function checkOutput(out: string, read: readonly (string | undefined)[] = []): void {
  if (!existsSync(out)) return;
  const place = realpathSync(out);
  if (read.some((path) => path !== undefined && existsSync(path) && realpathSync(path) === place)) {
    throw new UserError(
      `--out ${out}: expected another file than those that are read, got one; name another`,
    );
  }
  const name = basename(place);
  if ((KEPT.has(name) || RENDER_NAME.test(name)) && existsSync(join(dirname(place), "run.json"))) {
    throw new UserError(`--out ${out}: expected no file that a run keeps, got one; name another`);
  }
}
