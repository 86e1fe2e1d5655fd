/**
 * A sweep's folder: `sweep.json` says what it is, `journal.jsonl` what it has done, `trials/` holds a run folder for
 * each trial. Everything that a sweep knows after an interruption it knows from here.
 */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseJsonOrExplain, SweepSchema, UserError } from "@neural-string/shared";
import { z } from "zod";
import { ensureFolder, listFolder, readWhole, writeJson } from "../files.ts";

/** The default parent of sweeps. */
export const SWEEPS = join("runs", "sweeps");

const SweepFileSchema = z.strictObject({
  schema: z.literal(1),
  sweep: SweepSchema,
  /** The config that trials change, as it was written, with what the command line changed of it. */
  base: z.record(z.string(), z.unknown()),
});

export type SweepFile = z.output<typeof SweepFileSchema>;

/** A sweep's files. */
export class SweepFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  get name(): string {
    return basename(this.path);
  }

  get journal(): string {
    return join(this.path, "journal.jsonl");
  }

  get trials(): string {
    return join(this.path, "trials");
  }

  get lock(): string {
    return join(this.path, "sweep.lock");
  }

  get file(): string {
    return join(this.path, "sweep.json");
  }

  /** @throws UserError where it is missing or damaged */
  read(): SweepFile {
    const text = new TextDecoder().decode(readWhole(this.file, "a sweep's folder with its sweep.json"));
    return parseJsonOrExplain(SweepFileSchema, text, this.file);
  }

  /** @throws UserError where there is a sweep already */
  refuseExisting(): void {
    if (!existsSync(this.file)) return;
    throw new UserError(
      `${this.path}: expected no sweep there yet, got one; go on with it with --resume ${this.path}, or choose another --folder`,
    );
  }

  /** Begin. @throws UserError where there is a sweep already, or the disk does not let us write */
  begin(file: SweepFile): void {
    this.refuseExisting();
    ensureFolder(this.trials);
    writeJson(this.file, file);
  }
}

/** Find a sweep by its folder's path or name. @throws UserError that names the sweeps there are */
export function findSweep(name: string): SweepFolder {
  for (const path of [name, join(SWEEPS, name)]) {
    if (existsSync(join(path, "sweep.json"))) return new SweepFolder(path);
  }
  const names = listFolder(SWEEPS, "a folder for sweeps, got a file; move it away").filter((entry) =>
    existsSync(join(SWEEPS, entry, "sweep.json")),
  );
  const there = names.length > 0 ? `there are ${names.join(", ")}` : "there is none yet";
  throw new UserError(`--resume ${name}: no such sweep in ${SWEEPS}; ${there}`);
}
