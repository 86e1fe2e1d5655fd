/**
 * One training in a page's worker, from recordings to a model: what commands/train.ts is to `pnpm train`. All that
 * decides a bit is the trainer's own code; here is what the page is told, and when.
 */
import { Core } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import { planStages } from "@neural-string/trainer/core/passive/curriculum";
import { pitchOf, preparePassiveTraining } from "@neural-string/trainer/core/passive/prepare";
import { startPlainBackend } from "@neural-string/trainer/core/plain-backend";
import { defaultName } from "@neural-string/trainer/core/provenance";
import { decodeResumption, type Resumption } from "@neural-string/trainer/core/resumption";
import type { ComputeCrew } from "./compute-crew.ts";
import { crewPlanes } from "./crew-planes.ts";
import { crewRollouts } from "./crew-rollouts.ts";
import { buffersOf, KeptModel } from "./kept-model.ts";
import { learnedNotes, type SourcedNote } from "./learned-notes.ts";
import { ProgressTeller } from "./progress-teller.ts";
import { NO_HASH } from "./take.ts";
import { trainingConfig } from "./training-config.ts";
import type { FromTrainingWorker, ToTrainingWorker } from "./training-messages.ts";
import type { TrainingPace } from "./training-pace.ts";

/** What a session works with. */
export interface SessionTools {
  /** Compiled builds: the core's, and the train build. */
  core: WebAssembly.Module;
  train: WebAssembly.Module;
  crew: ComputeCrew;
  pace: TrainingPace;
  post(message: FromTrainingWorker, transfer?: Transferable[]): void;
}

/** Rest between two checkpoints, in times that one takes to be exported, played and measured. */
const CHECKPOINT_REST = 12;

/** Train. @throws UserError for what cannot be trained; Error for what is our fault */
export async function trainSession(
  { recordings, options: asked, resumption }: Extract<ToTrainingWorker, { type: "train" }>,
  { core: coreModule, train: module, crew, pace, post }: SessionTools,
): Promise<void> {
  if (recordings.length === 0) throw new UserError("recordings: expected one or more, got none");
  const kept = resumption === undefined ? null : decodeResumption(resumption);
  // what was begun goes on with its own options
  const { minutes, threads, ...options } = kept
    ? {
        ...kept.options,
        steps: asked.steps ?? kept.options.steps,
        threads: asked.threads,
        minutes: undefined,
      }
    : asked;
  const wished = trainingConfig(recordings, { ...options, minutes, threads });
  if (threads !== undefined) crew.keepOnly(threads);
  pace.begin();
  const versions = await startPlainBackend();
  const notes = await learnedNotes(recordings);
  if (kept) refuseOthers(kept, notes);
  const core = new Core(coreModule);
  const f0 = pitchOf(wished, notes);
  const prepared = preparePassiveTraining({
    config: wished,
    name: wished.name ?? defaultName(notes, wished.model.kind),
    f0,
    core,
    notes,
    createRollouts: (shapes, sources) => crewRollouts(crew, { module, shapes, sources }),
    createPlaneWork: (setup, first) => crewPlanes(crew, coreModule, setup, first),
    resume: kept?.last,
  });
  const { training } = prepared;
  try {
    const now = () => performance.now();
    const steps = wished.training.steps ?? (await prepared.stepsFor(wished.training.minutes, now));
    const config = { ...wished, training: { ...wished.training, steps } };
    const { seed, sequence } = config.training;
    const plan = planStages(sequence.stages, steps);
    const rounds = training.rounds(steps);
    post({
      type: "started",
      step: kept?.last.step ?? 0,
      steps,
      f0,
      sampleRate: notes[0].sampleRate,
      seed,
      threads: crew.threads,
      stages: plan.map(({ config: { name }, from, to }) => ({ name, from, to })),
      rounds,
      summary: prepared.summary(steps),
    });
    const origin = { recordings: notes.map(({ sha256 }) => sha256), options: { ...options, steps } };
    const model = new KeptModel({ core, prepared, config, notes, versions }, origin, kept);
    const teller = new ProgressTeller({ plan, steps, rounds }, pace, post);
    let isNews = false;
    let nextCheckpoint = 0;
    const end = await training.run(steps, {
      onLog: (line) => teller.hear(line),
      onState: (state, isBest) => {
        model.keep(state, isBest);
        isNews ||= isBest;
        const resumption = model.resumption();
        const begun = now();
        if (isNews && begun >= nextCheckpoint) {
          const exported = model.exported();
          post({ type: "checkpoint", resumption, ...exported }, [resumption, ...buffersOf(exported)]);
          isNews = false;
          nextCheckpoint = now() + CHECKPOINT_REST * (now() - begun);
        } else post({ type: "state", step: state.step, resumption }, [resumption]);
        pace.otherDone();
      },
      pause: () => pace.letIn((type) => post({ type })),
      shouldStop: () => pace.isStopped,
    });
    const exported = model.exported();
    const done = {
      stopped: pace.isStopped && (end.step < steps || end.roundsLeft !== undefined),
      bestScoreDb: model.best.bestScoreDb,
      stepsDone: end.step,
      seconds: pace.seconds,
      resumption: model.resumption(),
    };
    post({ type: "done", ...done, ...exported }, [done.resumption, ...buffersOf(exported)]);
  } finally {
    training.dispose();
  }
}

function refuseOthers({ recordings }: Resumption, notes: readonly SourcedNote[]): void {
  const other = notes.find(({ sha256 }, i) => {
    const known = recordings[i] ?? NO_HASH;
    return known !== sha256 && known !== NO_HASH && sha256 !== NO_HASH;
  });
  if (other === undefined && recordings.length === notes.length) return;
  throw new UserError(
    `${other?.name ?? "recordings"}: expected what the kept training began with, got something else; start a new one`,
  );
}
