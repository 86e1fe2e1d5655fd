/**
 * What each part of the product is worth: kinds of strings made from the same recordings and judged alike, by leaving
 * each recording out once. Whatever is made, trained or not, comes from the other recordings; the one left out judges.
 *
 *   node packages/trainer/bench/ablation.ts A.wav B.wav C.wav [--minutes 2] [--starts 1198,11025] [--seconds 5]
 *     [--rows mixture,linear,classic,classic-rollout,least-squares,textbook,karplus-strong] [--out DIR] [--json]
 *
 *   --starts   samples of the recording, from the start of its file, that excite the string: judged after each
 *   --minutes  time budget of each training (rows that train: mixture to classic-rollout)
 *   --out      where run folders and results.json go (default runs/ablation); results.json is written after each figure
 *
 * Prints a Markdown table line by line as figures come in, each kind's mean over the recordings after its last; with
 * --json, results.json at the end instead. A kind that fails is named, the others go on, and the exit code is 1. Build
 * core-wasm first (pnpm build).
 */
import { existsSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Judgement, type Metrics, UserError } from "@neural-string/shared";
import { loadCore } from "../src/core-build.ts";
import { explainWriteError, writeJson } from "../src/files.ts";
import { gitState, versions } from "../src/run-folder.ts";
import { readSource, type SourcedRecording } from "../src/sources.ts";
import { isTrained, type Row, readArguments } from "./ablation-arguments.ts";
import { isTunable, judgeTrained, type Trained, trainString } from "./trained-strings.ts";
import { type JudgeString, type Untrained, untrainedString } from "./untrained-strings.ts";

/** What is said of each string, in the table's order. */
const FIGURES = ["edrDb", "lsdDb", "edcDb", "partialDb", "cents"] as const;
const HEAD = [
  "string",
  "start",
  "judged on",
  "EDR dB",
  "LSD dB",
  "EDC dB",
  "partials dB",
  "cents",
  "remarks",
];

type Figures = Pick<Metrics, (typeof FIGURES)[number]>;

/** One string from one start on the recording that it was not made from. */
interface Cell {
  /** The row, or "row, tuned" where the string was tuned to the samples that excite it. */
  string: string;
  start: number;
  /** As the recording was given. */
  judgedOn: string;
  figures: Figures;
  failures: string[];
}

/** One string from one start, over all recordings that it was judged on. */
interface Mean {
  string: string;
  start: number;
  recordings: number;
  figures: Figures;
  /** Those of any of them. */
  failures: string[];
}

/** Recordings to make a string from, and the one left out. */
interface Fold {
  others: string[];
  leftOut: string;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { settings, out, json } = readArguments();
  const core = loadCore();
  const { recordings, rows, starts, seconds, minutes } = settings;
  // refused now rather than after an hour
  const contents = new Map<string, string>();
  for (const path of recordings) {
    const { sha256 } = await read(path, null, "decay");
    const same = contents.get(sha256);
    if (same !== undefined) {
      throw new UserError(
        `${path}: it is the same recording as ${same}; a judge must be unseen: leave one out`,
      );
    }
    contents.set(sha256, path);
  }
  const results = {
    settings,
    git: gitState(),
    versions: versions(),
    cells: [] as Cell[],
    means: [] as Mean[],
    errors: [] as { string: string; judgedOn: string; message: string }[],
  };
  const file = startResults(out);
  const save = () => writeJson(file, results);
  const tell = (...columns: (string | number)[]) => {
    if (!json) console.log(`| ${columns.join(" | ")} |`);
  };
  save();
  tell(...HEAD);
  tell(...HEAD.map(() => "---"));
  for (const row of rows) {
    for (const fold of recordings.map((leftOut) => ({
      leftOut,
      others: recordings.filter((r) => r !== leftOut),
    }))) {
      const judgedOn = basename(fold.leftOut);
      try {
        for await (const cell of judgeFold(row, fold)) {
          results.cells.push(cell);
          tell(cell.string, cell.start, judgedOn, ...inColumns(cell.figures), cell.failures.join(", "));
          save();
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        results.errors.push({ string: row, judgedOn: fold.leftOut, message: error.message });
        tell(row, "", judgedOn, ...FIGURES.map(() => ""), error.message);
        save();
      }
    }
    for (const mean of meansOf(results.cells, row)) {
      results.means.push(mean);
      tell(
        `**${mean.string}**`,
        mean.start,
        `mean of ${mean.recordings}`,
        ...inColumns(mean.figures),
        mean.failures.join(", "),
      );
    }
    save();
  }
  if (json) console.log(JSON.stringify(results, null, 2));
  return results.errors.length > 0 ? 1 : 0;

  /** Make a string from all but one recording, and judge it on that one from each start. */
  async function* judgeFold(row: Row, fold: Fold): AsyncGenerator<Cell> {
    const judgeString = isTrained(row) ? trained(row, fold) : await untrained(row, fold);
    for (const skip of starts) {
      for (const tune of isTunable(row) ? [false, true] : [false]) {
        const { metrics, failures } = judgeString({ skip, seconds, tune });
        const { edrDb, lsdDb, edcDb, partialDb, cents } = metrics;
        yield {
          string: tune ? `${row}, tuned` : row,
          start: skip,
          judgedOn: fold.leftOut,
          figures: { edrDb, lsdDb, edcDb, partialDb, cents },
          failures: failures.map(({ name }) => name),
        };
      }
    }
  }

  type JudgeFrom = (start: Parameters<JudgeString>[1]) => Judgement;

  function trained(row: Trained, { others, leftOut }: Fold): JudgeFrom {
    const runDir = join(out, `${row}-${recordings.indexOf(leftOut) + 1}`);
    const model = trainString(row, others, { minutes, runDir });
    return (start) => judgeTrained(model, leftOut, start);
  }

  async function untrained(row: Untrained, { others, leftOut }: Fold): Promise<JudgeFrom> {
    const trainedOn = [await read(others[0], null, "decay")];
    const { sampleRate } = trainedOn[0];
    for (const path of others.slice(1)) trainedOn.push(await read(path, sampleRate, "decay"));
    const recording = await read(leftOut, sampleRate, "all");
    const judgeString = await untrainedString(row, core, trainedOn);
    return (start) => core.temporarily(() => judgeString(recording, start));
  }

  function read(path: string, sampleRate: number | null, crop: "decay" | "all"): Promise<SourcedRecording> {
    return readSource(core, path, { channel: 0, sampleRate, f0: null, crop });
  }
}

/** Means over the recordings that a row was judged on, start by start; what could not be measured takes no part. */
function meansOf(cells: readonly Cell[], row: Row): Mean[] {
  const own = cells.filter(({ string }) => string.split(",")[0] === row);
  const firsts = own.filter(({ judgedOn }) => judgedOn === own[0].judgedOn);
  return firsts.map(({ string, start }) => {
    const group = own.filter((cell) => cell.string === string && cell.start === start);
    const mean = (figure: (typeof FIGURES)[number]) => {
      const known = group.flatMap(({ figures }) => figures[figure] ?? []);
      return known.length === 0 ? null : known.reduce((sum, x) => sum + x, 0) / known.length;
    };
    const figures = Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)])) as Figures;
    const failures = [...new Set(group.flatMap((cell) => cell.failures))];
    return { string, start, recordings: group.length, figures, failures };
  });
}

function inColumns(figures: Figures): string[] {
  return FIGURES.map((figure) => figures[figure]?.toFixed(2) ?? "-");
}

/** Make the folder. @returns where the results go @throws UserError where another ablation has left its own */
function startResults(out: string): string {
  const file = join(out, "results.json");
  if (existsSync(file)) {
    throw new UserError(`--out ${out}: there are results of another ablation; name another folder`);
  }
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw explainWriteError(out, error);
  }
  return file;
}
