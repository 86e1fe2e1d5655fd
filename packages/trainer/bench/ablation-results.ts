/**
 * What `ablation.ts` has found out, in results.json: written after each figure, so that an ablation that was ended goes
 * on where it was.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseJsonOrExplain, UserError } from "@neural-string/shared";
import { z } from "zod";
import { ensureFolder, readWhole, writeJson } from "../src/files.ts";
import { gitState, versions } from "../src/made-with.ts";
import { ROWS, type Row } from "./ablation-arguments.ts";
import type { Budget } from "./trained-strings.ts";

/** What is said of each string, in the tables' order. */
export const FIGURES = ["edrDb", "lsdDb", "edcDb", "partialDb", "cents"] as const;

const FigureSchema = z.number().nullable();
const FiguresSchema = z.strictObject({
  edrDb: FigureSchema,
  lsdDb: FigureSchema,
  edcDb: FigureSchema,
  partialDb: FigureSchema,
  cents: FigureSchema,
} satisfies Record<(typeof FIGURES)[number], unknown>);
/** Those that could not be measured are null. */
export type Figures = z.output<typeof FiguresSchema>;

const RowSchema = z.enum(Object.keys(ROWS) as [Row, ...Row[]]);
/** Which code it was: null outside of git. */
const CommitSchema = z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable();

/** One string from one start on the recording that it was not made from. */
const CellSchema = z.strictObject({
  string: RowSchema,
  /** Whether it was tuned to the samples that excite it. */
  tuned: z.boolean(),
  start: z.int(),
  judgedOn: z.string(),
  figures: FiguresSchema,
  /** Names of what is wrong with how it sounds. */
  failures: z.array(z.string()),
  git: CommitSchema,
});
export type Cell = z.output<typeof CellSchema>;

/** What decides every figure; results of others are not mixed with these. */
const SettingsSchema = z.strictObject({
  recordings: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
  starts: z.array(z.int()),
  seconds: z.number(),
  budget: z.union([
    z.strictObject({ minutes: z.number(), seed: z.int() }),
    z.strictObject({ steps: z.int(), seed: z.int() }),
  ]),
});
export type AblationSettings = z.output<typeof SettingsSchema> & { budget: Budget };

/** A training that came to its end; its folder is beside results.json. */
const TrainingSchema = z.strictObject({
  string: RowSchema,
  judgedOn: z.string(),
  folder: z.string(),
  steps: z.int(),
  minutes: z.number(),
  git: CommitSchema,
});
export type Training = z.output<typeof TrainingSchema>;

export const ResultsSchema = z.strictObject({
  settings: SettingsSchema,
  versions: z.record(z.string(), z.string()),
  trainings: z.array(TrainingSchema),
  cells: z.array(CellSchema),
  /** What could not be made or judged; tried again the next time. */
  errors: z.array(z.strictObject({ string: RowSchema, judgedOn: z.string(), message: z.string() })),
});
export type Results = z.output<typeof ResultsSchema>;

/** One string from one start, over all recordings that it was judged on. */
export interface Mean extends Omit<Cell, "judgedOn" | "git"> {
  recordings: number;
}

/** Results in a folder, kept on disk. */
export class AblationResults {
  readonly results: Results;
  readonly #file: string;
  readonly #git = gitState();

  /**
   * Begin, or go on with what the folder holds.
   * @throws UserError where it holds results of other settings, or cannot be written
   */
  constructor(folder: string, settings: AblationSettings) {
    this.#file = join(folder, "results.json");
    this.results = existsSync(this.#file)
      ? readResults(this.#file)
      : { settings, versions: versions(), trainings: [], cells: [], errors: [] };
    for (const [name, expected] of Object.entries(settings)) {
      const got = this.results.settings[name as keyof AblationSettings];
      if (JSON.stringify(got) === JSON.stringify(expected)) continue;
      throw new UserError(
        `--out ${folder}: there are results of another ablation (${name}: ${JSON.stringify(got)}, now ${JSON.stringify(expected)}); name another folder`,
      );
    }
    this.results.errors = [];
    ensureFolder(folder);
    this.save();
  }

  /** How many of the figures that are there were made by other code than this. */
  get ofOtherCode(): number {
    const own = JSON.stringify(this.#git);
    return this.results.cells.filter(({ git }) => JSON.stringify(git) !== own).length;
  }

  find(wanted: Pick<Cell, "string" | "tuned" | "start" | "judgedOn">): Cell | undefined {
    const keys = Object.keys(wanted) as (keyof typeof wanted)[];
    return this.results.cells.find((cell) => keys.every((key) => cell[key] === wanted[key]));
  }

  training(string: Row, judgedOn: string): Training | undefined {
    return this.results.trainings.find((t) => t.string === string && t.judgedOn === judgedOn);
  }

  addCell(cell: Omit<Cell, "git">): Cell {
    const made = { ...cell, git: this.#git };
    this.results.cells.push(made);
    this.save();
    return made;
  }

  addTraining(training: Omit<Training, "git">): void {
    this.results.trainings.push({ ...training, git: this.#git });
    this.save();
  }

  addError(string: Row, judgedOn: string, message: string): void {
    this.results.errors.push({ string, judgedOn, message });
    this.save();
  }

  save(): void {
    writeJson(this.#file, this.results);
  }
}

function readResults(file: string): Results {
  return parseJsonOrExplain(ResultsSchema, new TextDecoder().decode(readWhole(file, "results")), file);
}

/** Means over the recordings that a row was judged on, start by start; what could not be measured takes no part. */
export function meansOf({ cells, settings }: Results, row: Row): Mean[] {
  return settings.starts.flatMap((start) =>
    [false, true].flatMap((tuned): Mean[] => {
      const group = cells.filter((c) => c.string === row && c.start === start && c.tuned === tuned);
      if (group.length === 0) return [];
      const mean = (figure: (typeof FIGURES)[number]) => {
        const known = group.flatMap(({ figures }) => figures[figure] ?? []);
        return known.length === 0 ? null : known.reduce((sum, x) => sum + x, 0) / known.length;
      };
      const figures = Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)])) as Figures;
      const failures = [...new Set(group.flatMap((cell) => cell.failures))];
      return [{ string: row, tuned, start, recordings: group.length, figures, failures }];
    }),
  );
}
