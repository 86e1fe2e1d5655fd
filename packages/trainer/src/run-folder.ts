/**
 * A run's folder: `runs/0007-name/` with run.json, config.json, log.jsonl, losses.bin, checkpoints, model.safetensors,
 * render.wav, metrics.json and report.html. Every file is written whole; numbered-runs.ts makes and finds the folders.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Judgement,
  JudgementsSchema,
  type LogLine,
  LogLineSchema,
  parseJsonOrExplain,
  type RunRecord,
  RunRecordSchema,
  type TrainConfig,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { z } from "zod";
import { appendJsonLine, readWhole, writeJson, writeWhole } from "./files.ts";
import { type LossRecord, readLosses } from "./loss-file.ts";

/** Names of renders in a run's folder. */
export const RENDER_NAME = /^render(-\d+)?\.wav$/;

const LOOSE_CONFIG = z.looseObject({ training: z.looseObject({}) });

/** A run's files. Methods that write throw UserError where the disk does not let them. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Path of a file in the folder. */
  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  get best(): string {
    return this.file("checkpoints", "best.safetensors");
  }

  get last(): string {
    return this.file("checkpoints", "last.safetensors");
  }

  /** Losses of single examples, where any were followed. */
  get losses(): string {
    return this.file("losses.bin");
  }

  /** The state to go on from: the last, or the best where the last was not written any more, the same then. */
  get newest(): string {
    return existsSync(this.last) ? this.last : this.best;
  }

  writeRecord(record: RunRecord): void {
    writeJson(this.file("run.json"), record);
  }

  /** @throws UserError where run.json is missing or damaged */
  readRecord(): RunRecord {
    const { text, where } = this.#text("run.json");
    return parseJsonOrExplain(RunRecordSchema, text, where);
  }

  /** @returns `configSha256` of it */
  writeConfig(config: TrainConfig): string {
    writeJson(this.file("config.json"), config);
    return this.configSha256();
  }

  /** SHA-256 of what the config says, its number of steps aside, which a resumed run may raise. @throws UserError */
  configSha256(): string {
    const { text, where } = this.#text("config.json");
    const { training, ...rest } = parseJsonOrExplain(LOOSE_CONFIG, text, where);
    const said = { ...rest, training: { ...training, steps: null } };
    return createHash("sha256").update(JSON.stringify(said)).digest("hex");
  }

  /** @throws UserError where config.json is missing or damaged */
  readConfig(): TrainConfig {
    const { text, where } = this.#text("config.json");
    return parseJsonOrExplain(TrainConfigSchema, text, where);
  }

  /** How its string sounded; empty where nothing was judged. @throws UserError where metrics.json is damaged */
  readJudgements(): Judgement[] {
    if (!existsSync(this.file("metrics.json"))) return [];
    const { text, where } = this.#text("metrics.json");
    return parseJsonOrExplain(JudgementsSchema, text, where).judgements;
  }

  /** The losses of single examples; null where none were followed. @throws UserError where losses.bin is damaged */
  readLosses(): LossRecord | null {
    return existsSync(this.losses) ? readLosses(this.losses) : null;
  }

  log(line: LogLine): void {
    appendJsonLine(this.file("log.jsonl"), line);
  }

  /** Read the log; a last line cut short by a crash is left out. @throws UserError where another line is damaged */
  readLog(): LogLine[] {
    const { lines, troubles } = this.legibleLog();
    if (troubles.length > 0) throw new UserError(troubles[0]);
    return lines;
  }

  /** What of the log can be read, for who only looks; and a sentence for each line that cannot. @throws UserError */
  legibleLog(): { lines: LogLine[]; troubles: string[] } {
    const lines: LogLine[] = [];
    const troubles: string[] = [];
    if (!existsSync(this.file("log.jsonl"))) return { lines, troubles };
    const { text, where } = this.#text("log.jsonl");
    // what follows the last line feed is empty, or was being written when the run was killed
    const whole = text.split("\n").slice(0, -1);
    for (const [i, line] of whole.entries()) {
      try {
        lines.push(parseJsonOrExplain(LogLineSchema, line, `${where}, line ${i + 1}`));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        troubles.push(`${error.message}; without that line the log can be read`);
      }
    }
    return { lines, troubles };
  }

  /** Forget what was logged after a step: a resumed run goes through it again. */
  truncateLog(step: number): void {
    // the stage that begins at this step will say so again
    const lines = this.readLog().filter(
      (line) => line.step < step || (line.step === step && line.type !== "stage"),
    );
    writeWhole(this.file("log.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  #text(name: string): { text: string; where: string } {
    const where = this.file(name);
    return { text: new TextDecoder().decode(readWhole(where, "a run folder's file")), where };
  }
}
