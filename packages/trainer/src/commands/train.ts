/**
 * `pnpm train`: recordings in; a run folder with model, render, metrics and report out. Read top to bottom: prepare,
 * train, export, judge, report.
 */
import { existsSync } from "node:fs";
import {
  type LogLine,
  type ModelFile,
  type RunRecord,
  type TrainConfig,
  UserError,
  writeModelFile,
} from "@neural-string/shared";
import { chooseBackend } from "../backend.ts";
import { readCheckpoint } from "../checkpoint.ts";
import { type ConfigRequest, resolveConfig } from "../config.ts";
import { pitchOf } from "../core/passive/prepare.ts";
import { defaultName, withProvenance } from "../core/provenance.ts";
import type { TrainingState } from "../core/training.ts";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { idleSettings } from "../idle-settings.ts";
import { checkJudge, type Histories } from "../judge.ts";
import { gitState, versions } from "../made-with.ts";
import { findRun } from "../numbered-runs.ts";
import type { RunFolder } from "../run-folder.ts";
import { claimFolder } from "../run-lock.ts";
import { describeRecording, type SourcedRecording } from "../sources.ts";
import { line, type Terminal } from "../terminal.ts";
import { beginRun, writeBeginning } from "../train/begin-run.ts";
import { concludeRun } from "../train/conclude.ts";
import { Interruption } from "../train/interruption.ts";
import { trainIntoFolder } from "../train/into-folder.ts";
import { prepareTraining } from "../train/prepare.ts";
import type { PreparedTraining } from "../train/prepared.ts";
import { TrainingProgress } from "../train/progress.ts";
import { readRecordings } from "../train/read-recordings.ts";
import type { Run } from "../train/run.ts";
import { runPlace } from "../train/run-place.ts";

export interface TrainRequest extends ConfigRequest {
  runs?: string;
  runDir?: string;
  resume?: string;
  from?: string;
  /** Instead of a config and what changes it: one that is resolved. */
  resolved?: TrainConfig;
  /** Where recordings lie here, by how the config names them; default: where it says. */
  located?: ReadonlyMap<string, string>;
}

/** Who looks on while a run trains, and may end it as Ctrl-C does. */
export interface TrainWatch {
  onLog(line: LogLine): void;
  shouldStop(): boolean;
}

/**
 * Train, export, judge, report.
 * @returns the exit code: 0, or 130 where the user (or who watches) ended it: the best so far is exported all the same
 * @throws UserError before anything is written for bad input; later, with the run marked as failed
 */
export async function train(request: TrainRequest, terminal: Terminal, watch?: TrainWatch): Promise<number> {
  const resumed = request.resume === undefined ? null : findRun(request.resume, request.runs);
  if (resumed === null) return trainRun(request, null, terminal, watch);
  refuseWithResume(request);
  const lock = await claimFolder(resumed);
  try {
    return await trainRun(request, resumed, terminal, watch);
  } finally {
    lock.release();
  }
}

/** As `train`, in a run's folder that is claimed, or in a new one. */
async function trainRun(
  request: TrainRequest,
  resumed: RunFolder | null,
  terminal: Terminal,
  watch?: TrainWatch,
): Promise<number> {
  const config = resumed ? configToResume(resumed) : (request.resolved ?? resolveConfig(request));
  const state = resumed ? stateToResume(resumed) : undefined;
  const backend = await chooseBackend(resumed ? wishedBackend(request, resumed) : config.training.backend);
  for (const note of idleSettings(config)) terminal.warn(note);

  const core = loadCore();
  const { trainedOn, further, judgedOn } = await readRecordings(core, config, terminal, request.located);
  const { sampleRate } = trainedOn[0];
  const f0 = pitchOf(config, trainedOn);
  const name = config.name ?? defaultName(trainedOn, config.model.kind);
  if (resumed) refuseOtherRecordings(resumed.readRecord(), [...trainedOn, ...further]);

  // everything that can be refused is refused before a folder is made
  const training = prepareTraining({
    config,
    name,
    f0,
    core,
    trainedOn,
    further,
    resume: state,
    from: resumed ? undefined : request.from,
  });
  try {
    checkJudges(training, config, trainedOn, judgedOn);
  } catch (error) {
    training.dispose();
    throw error;
  }
  const steps = resumed
    ? stepsToResume(request, resumed.readRecord())
    : (config.training.steps ?? (await training.stepsFor(config.training.minutes)));
  const earlier = resumed?.readRecord();
  const recordOf = (number: number): RunRecord => ({
    schema: 1,
    number,
    name,
    kind: config.model.kind,
    status: "running",
    startedAt: earlier?.startedAt ?? new Date().toISOString(),
    finishedAt: null,
    seed: config.training.seed,
    backend: backend.name,
    steps,
    stepsDone: 0,
    bestStep: null,
    bestScoreDb: null,
    f0,
    sampleRate,
    trainedOn: [...trainedOn, ...further].map(describeRecording),
    judgedOn: judgedOn.map(describeRecording),
    git: gitState(),
    versions: versions(),
  });
  const resolved: TrainConfig = { ...config, training: { ...config.training, steps } };
  const begin = async () =>
    resumed && earlier
      ? { folder: resumed, record: writeBeginning(resumed, resolved, recordOf(earlier.number)), lock: null }
      : await beginRun(runPlace(request, config.model.kind, name), resolved, recordOf);
  const { folder, record, lock } = await begin().catch((error) => {
    training.dispose();
    throw error;
  });
  const run: Run = { core, config: resolved, backend, trainedOn, further, judgedOn, folder, record };
  try {
    return await trainInFolder(run, training, resumed !== null, terminal, watch);
  } catch (error) {
    markFailed(run, error);
    throw error;
  } finally {
    training.dispose();
    lock?.release();
  }
}

/** Say in the record why the run failed, if the disk still lets us: a full one is told by the error itself. */
function markFailed({ folder, record }: Run, error: unknown): void {
  const reason = error instanceof UserError ? error.message : String(error);
  try {
    folder.writeRecord({ ...record, status: "failed", finishedAt: new Date().toISOString(), error: reason });
  } catch (second) {
    if (!(second instanceof UserError)) throw second;
  }
}

async function trainInFolder(
  run: Run,
  training: PreparedTraining,
  resumed: boolean,
  terminal: Terminal,
  watch?: TrainWatch,
): Promise<number> {
  const { folder, record, config } = run;
  const steps = record.steps;
  terminal.say(
    `run ${line(folder.path)}\n  ${line(run.trainedOn.map(({ name }) => name).join(", "))}; f0 ${record.f0.toFixed(2)} Hz at ${record.sampleRate} Hz; ` +
      `${training.summary(steps)}, backend ${record.backend}, seed ${record.seed}`,
  );
  for (const note of run.backend.notes) terminal.say(`  ${line(note)}`);
  const from = resumed ? readCheckpoint(folder.newest).step : null;
  if (from === null) writeWhole(folder.file("log.jsonl"), "");
  else folder.truncateLog(from);

  const interruption = new Interruption(terminal);
  const progress = new TrainingProgress(terminal, steps);
  const isAsked = () => interruption.asked || watch?.shouldStop() === true;
  const show = (line: LogLine) => {
    progress.show(line);
    watch?.onLog(line);
  };
  const { end, best } = await trainIntoFolder(training, folder, steps, from, show, isAsked).finally(() =>
    interruption.dispose(),
  );

  // a wish to end that comes with the last step has nothing left to stop
  const stopped = isAsked() && (end.step < steps || end.roundsLeft !== undefined);
  const exported = training.exported(best.parameters);
  const header = withProvenance(exported.header, config, run.trainedOn, record.versions);
  const model: ModelFile = { header, tensors: exported.tensors };
  writeWhole(folder.file("model.safetensors"), writeModelFile(model));
  const finished: RunRecord = {
    ...record,
    status: stopped ? "stopped" : "finished",
    finishedAt: new Date().toISOString(),
    stepsDone: end.step,
    bestStep: best.step,
    bestScoreDb: best.bestScoreDb,
  };
  // which writes the record last: a run that has ended has all its files
  concludeRun({ ...run, record: finished, pictures: training.pictures?.() }, model, terminal);
  return stopped ? 130 : 0;
}

/** Refuse what could not be judged on in the end. @throws UserError */
function checkJudges(
  histories: Histories,
  { judge }: TrainConfig,
  trainedOn: readonly SourcedRecording[],
  judgedOn: readonly SourcedRecording[],
): void {
  const unseen = judgedOn.length > 0;
  for (const recording of unseen ? judgedOn : trainedOn) {
    const skip = unseen ? judge.skip : null;
    checkJudge(recording, recording.sampleRate, histories, { skip, seconds: judge.seconds });
  }
}

// A resumed run goes on as it was begun; only how far it goes, and where it computes, may change.
const FIXED_BY_RESUME = [
  "config",
  "set",
  "recordings",
  "judge",
  "seed",
  "minutes",
  "runDir",
  "from",
] as const;

function refuseWithResume(request: TrainRequest): void {
  for (const option of FIXED_BY_RESUME) {
    const value = request[option];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw new UserError(
      `--resume: the run goes on with its own config, so ${option} cannot be given; only --steps and --backend can`,
    );
  }
}

/** The config as the run began with it. @throws UserError where somebody has changed it since */
function configToResume(folder: RunFolder): TrainConfig {
  const { configSha256 } = folder.readRecord();
  if (configSha256 === folder.configSha256()) return folder.readConfig();
  const path = folder.file("config.json");
  throw new UserError(
    `--resume: ${path} is not as the run wrote it, so the run cannot go on as it began; start a new one with --config ${path}`,
  );
}

/** The state that a run was left in. @throws UserError where there is none, or no best one beside it */
function stateToResume(folder: RunFolder): TrainingState {
  if (!existsSync(folder.newest)) {
    throw new UserError(
      "--resume: the run was ended before its first checkpoint, so there is nothing to go on from; start a new one",
    );
  }
  if (folder.readLog().length === 0) {
    throw new UserError(
      `--resume: ${folder.file("log.jsonl")}: expected what the run has logged, got nothing; put it back, or start a new run`,
    );
  }
  readCheckpoint(folder.best); // exported in the end, unless a better one comes
  return readCheckpoint(folder.newest);
}

function refuseOtherRecordings({ trainedOn }: RunRecord, now: readonly SourcedRecording[]): void {
  const changed = now.find(({ sha256 }, i) => sha256 !== trainedOn[i]?.sha256);
  if (changed === undefined) return;
  throw new UserError(
    `--resume: ${changed.name} is not the recording this run began with (its content has changed); start a new run`,
  );
}

function wishedBackend(request: TrainRequest, folder: RunFolder): TrainConfig["training"]["backend"] {
  const wish = request.backend ?? folder.readRecord().backend;
  if (wish === "auto" || wish === "tensorflow" || wish === "wasm" || wish === "cpu") return wish;
  throw new UserError(`--backend: expected one of auto, tensorflow, wasm, cpu, got ${wish}`);
}

function stepsToResume({ steps }: TrainRequest, record: RunRecord): number {
  const wanted = steps ?? record.steps;
  if (wanted > record.stepsDone || record.status === "running") return wanted;
  throw new UserError(
    `--resume: the run has done ${record.stepsDone} of ${record.steps} steps; ask for more with --steps`,
  );
}
