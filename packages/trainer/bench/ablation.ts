/** What each part of the product is worth: see HELP in ablation-arguments.ts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Judgement, UserError } from "@neural-string/shared";
import { loadCore } from "../src/core-build.ts";
import { runMain } from "../src/run-main.ts";
import { readSource, type SourcedRecording } from "../src/sources.ts";
import { type Row, readArguments } from "./ablation-arguments.ts";
import { AblationResults, type Cell, FIGURES, type Figures, meansOf } from "./ablation-results.ts";
import { inColumns, writeDocs } from "./ablation-table.ts";
import { residualString, trainResidual } from "./residual-string.ts";
import {
  isTrainedKind,
  isTunable,
  judgeTrained,
  modelOf,
  type Trained,
  type TrainedKind,
  trainString,
} from "./trained-strings.ts";
import { type JudgeString, type Untrained, untrainedString } from "./untrained-strings.ts";

const DOCS = fileURLToPath(new URL("../../../docs/how-the-passive-string-works.md", import.meta.url));
const HEAD = [
  ...["string", "start", "judged on", "EDR dB", "LSD dB", "EDC dB", "partials dB", "cents"],
  "remarks",
];

/** Recordings to make a string from, and the one left out. */
interface Fold {
  others: string[];
  leftOut: string;
  /** What the one left out is called in the results. */
  judgedOn: string;
}

type JudgeFrom = (start: Parameters<JudgeString>[1]) => Judgement;

await runMain(main);

async function main(): Promise<number> {
  const { recordings, rows, judging, budget, out, docs, json } = readArguments();
  const { starts, seconds } = judging;
  const core = loadCore();
  const names = distinctNames(recordings);
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
  const known = [...contents.keys()].map((sha256, i) => ({ name: names[i], sha256 }));
  const kept = new AblationResults(out, { recordings: known, starts, seconds, budget });
  const { results } = kept;
  if (kept.ofOtherCode > 0) {
    console.error(`note: ${kept.ofOtherCode} of the figures in ${out} were made by other code than this`);
  }
  const folds = recordings.map((leftOut, i) => ({
    leftOut,
    judgedOn: names[i],
    others: recordings.filter((r) => r !== leftOut),
  }));
  tell(...HEAD);
  tell(...HEAD.map(() => "---"));
  for (const row of rows) {
    for (const fold of folds) {
      try {
        for await (const { tuned, start, judgedOn, figures, failures } of judgeFold(row, fold)) {
          tell(titleOf(row, tuned), start, judgedOn, ...inColumns(figures), failures.join(", "));
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        kept.addError(row, fold.judgedOn, error.message);
        tell(row, "", fold.judgedOn, ...FIGURES.map(() => ""), error.message);
      }
    }
    for (const { tuned, start, recordings: count, figures, failures } of meansOf(results, row)) {
      const title = `**${titleOf(row, tuned)}**`;
      tell(title, start, `mean of ${count}`, ...inColumns(figures), failures.join(", "));
    }
  }
  if (docs) writeDocs(DOCS, results);
  if (json) console.log(JSON.stringify(results, null, 2));
  return results.errors.length > 0 ? 1 : 0;

  function tell(...columns: (string | number)[]): void {
    if (!json) console.log(`| ${columns.join(" | ")} |`);
  }

  /** Judge a string that was made from all but one recording on that one, from each start; made where it must be. */
  async function* judgeFold(row: Row, fold: Fold): AsyncGenerator<Cell> {
    const { judgedOn } = fold;
    let judgeString: JudgeFrom | null = null;
    for (const start of starts) {
      for (const tuned of isTunable(row) ? [false, true] : [false]) {
        const cell = kept.find({ string: row, tuned, start, judgedOn });
        if (cell !== undefined) {
          yield cell;
          continue;
        }
        judgeString ??= await make(row, fold);
        const { metrics, failures } = judgeString({ skip: start, seconds, tune: tuned });
        const figures = Object.fromEntries(FIGURES.map((name) => [name, metrics[name]])) as Figures;
        const names = failures.map(({ name }) => name);
        yield kept.addCell({ string: row, tuned, start, judgedOn, figures, failures: names });
      }
    }
  }

  function make(row: Row, fold: Fold): Promise<JudgeFrom> {
    if (row === "residual") return residual(fold);
    return isTrainedKind(row) ? trained(row, fold) : untrained(row, fold);
  }

  /** A row's training on all but one recording: done now, unless it has been. */
  async function training(
    row: Row,
    { judgedOn }: Fold,
    train: (runDir: string) => Trained | Promise<Trained>,
  ): Promise<Trained> {
    const done = kept.training(row, judgedOn);
    if (done !== undefined && existsSync(join(out, done.folder)))
      return { ...done, folder: join(out, done.folder) };
    const folder = freeFolder(out, `${row}-${names.indexOf(judgedOn) + 1}`);
    const { steps, minutes } = await train(join(out, folder));
    kept.addTraining({ string: row, judgedOn, folder, steps, minutes });
    return { folder: join(out, folder), steps, minutes };
  }

  async function trained(row: TrainedKind, fold: Fold): Promise<JudgeFrom> {
    const { others, leftOut } = fold;
    const { folder } = await training(row, fold, (runDir) => trainString(row, others, { budget, runDir }));
    return (start) => judgeTrained(modelOf(folder), leftOut, start);
  }

  async function residual(fold: Fold): Promise<JudgeFrom> {
    const { trainedOn, recording } = await readFold(fold);
    const done = await training("residual", fold, (runDir) =>
      trainResidual(core, trainedOn, { budget, runDir }),
    );
    const judgeString = await residualString(core, trainedOn, done, budget);
    return (start) => judgeString(recording, start);
  }

  async function untrained(row: Untrained, fold: Fold): Promise<JudgeFrom> {
    const { trainedOn, recording } = await readFold(fold);
    const judgeString = await untrainedString(row, core, trainedOn);
    return (start) => core.temporarily(() => judgeString(recording, start));
  }

  async function readFold({ others, leftOut }: Fold) {
    const trainedOn = [await read(others[0], null, "decay")];
    const { sampleRate } = trainedOn[0];
    for (const path of others.slice(1)) trainedOn.push(await read(path, sampleRate, "decay"));
    return { trainedOn, recording: await read(leftOut, sampleRate, "all") };
  }

  function read(path: string, sampleRate: number | null, crop: "decay" | "all"): Promise<SourcedRecording> {
    return readSource(core, path, { channel: 0, sampleRate, f0: null, crop });
  }
}

function titleOf(row: Row, tuned: boolean): string {
  return tuned ? `${row}, tuned` : row;
}

/** What tells paths apart: their names, with as many of the folders before them as it takes. */
function distinctNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => path.split(/[/\\]/));
  for (let count = 1; ; count++) {
    const names = parts.map((all) => all.slice(-count).join("/"));
    if (new Set(names).size === names.length) return names;
  }
}

/** A name in a folder that nothing has yet: a training that was ended leaves its own behind. */
function freeFolder(parent: string, name: string): string {
  for (let attempt = 1; ; attempt++) {
    const folder = attempt === 1 ? name : `${name}.${attempt}`;
    if (!existsSync(join(parent, folder))) return folder;
  }
}
