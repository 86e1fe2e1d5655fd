/**
 * Runs that never ran, as a report sees them: a synthetic decaying string as the recording, a slightly wrong one as the
 * render, and everything around them that a run folder holds. Seeded: the same input, bit for bit, every time.
 */
import { type Judgement, type LogLine, type RunRecord, TrainConfigSchema } from "@neural-string/shared";
import { measureRender } from "@neural-string/trainer/measure/metrics";
import { namedFailures, verdicts } from "@neural-string/trainer/measure/verdicts";
import type { MixtureWeights } from "@neural-string/trainer/report/mixture-plots";
import type { JudgedSound } from "@neural-string/trainer/report/sound-plots";
import type { ReportInput } from "@neural-string/trainer/report/write-report";
import { makePassiveModel } from "./passive-models.ts";
import { type StringSound, syntheticString } from "./synthetic-string.ts";

/** How the run came out. */
export type RunOutcome = "good" | "failing";

export const SAMPLE_RATE = 44100;
const F0 = 82.41;
const TARGET: StringSound = {
  sampleRate: SAMPLE_RATE,
  seconds: 9.5,
  f0: F0,
  B: 1.4e-4,
  partials: 60,
  t60: 9,
  damping: 0.02,
  amplitude: 0.3,
  noise: 2e-5,
};
/** Slightly wrong: a little flat, higher partials damped a little more. */
const GOOD: Partial<StringSound> = { f0: F0 * 1.0006, t60: 8.6, damping: 0.023, noise: 0 };
/** What teacher forcing alone may give: hardly decays, and ends with an offset. */
const FAILING: Partial<StringSound> = { t60: 400, damping: 0.004, dc: 0.03, noise: 0 };

/**
 * Make the input of a report.
 * @param outcome good: a run that works, judged on an unseen recording and on one it was trained on; failing: one
 *   judgement, of a loop that rings forever on DC
 */
export function reportInput(outcome: RunOutcome): ReportInput {
  const sounds =
    outcome === "good"
      ? [judgedSound("strat-e2-5.wav", GOOD), judgedSound("strat-e2-2.wav", { ...GOOD, t60: 9.1 })]
      : [judgedSound("strat-e2-5.wav", FAILING)];
  const judgements = sounds.map((sound, i) => judge(sound, i === 1));
  const log = trainingLog(outcome, 4000, 40);
  const config = TrainConfigSchema.parse({
    name: "passive strat",
    recordings: ["data/strat-e2-2.wav", "data/strat-e2-3.wav"],
    judge: { recordings: ["data/strat-e2-5.wav"] },
    model: { kind: "classic", hidden: [{ units: 22, activation: "tanh" }] },
    training: { steps: 20000, seed: 7, schedule: { name: "step", steps: 5000 } },
  });
  return { record: runRecord(outcome), config, log, judgements, sounds };
}

/**
 * Make the input of a passive run's report: one judgement, a random string, training in stages.
 * @param filters K; with 1 there are no weights
 */
export function passiveReportInput(filters = 3): ReportInput {
  const good = reportInput("good");
  const { model } = makePassiveModel({
    sampleRate: SAMPLE_RATE,
    f0: F0,
    taps: 256,
    ahead: 190,
    filters,
    hop: 512,
    gain: 0.9905,
  });
  return {
    ...good,
    record: {
      ...good.record,
      kind: "passive",
      steps: 1000,
      stepsDone: 1000,
      bestStep: 900,
    },
    log: stagedLog(filters),
    judgements: good.judgements.slice(0, 1),
    sounds: good.sounds.slice(0, 1),
    passive: { model, weights: filters === 1 ? [] : [mixtureWeights(filters, 5)] },
  };
}

/** Weights that pass from one filter to the next as the string fades, for that many seconds. */
export function mixtureWeights(filters: number, seconds: number, hop = 512): MixtureWeights {
  const hops = Math.ceil((seconds * SAMPLE_RATE) / hop);
  const values = new Float32Array(hops * filters);
  for (let i = 0; i < hops; i++) {
    const place = ((filters - 1) * i) / hops + 0.3 * Math.sin(0.15 * i);
    const likes = Array.from({ length: filters }, (_, k) => Math.exp(-3 * (k - place) ** 2));
    const sum = likes.reduce((total, like) => total + like, 0);
    for (let k = 0; k < filters; k++) values[i * filters + k] = Math.sqrt(likes[k] / sum);
  }
  return { hop, filters, values };
}

/** The log of a passive run: linear loops on short rollouts, then on longer ones, then the network joins. */
export function stagedLog(filters: number): LogLine[] {
  const random = seededRandom(2);
  const stages = [
    { name: "linear, 12 periods", filters: 1, seconds: 12 / F0, batchSize: 8, steps: 300 },
    { name: "linear, 64 periods", filters: 1, seconds: 64 / F0, batchSize: 8, steps: 350 },
    { name: "mixture", filters, seconds: 160 / F0, batchSize: 4, steps: 350 },
  ];
  const log: LogLine[] = [];
  let step = 0;
  for (const [stage, description] of stages.entries()) {
    log.push({ type: "stage", step, stage, ...description });
    for (let i = 1; i <= description.steps; i++) {
      step++;
      const waveform = (0.3 + 0.2 * stage) * Math.exp(-i / 150) * (0.8 + 0.4 * random());
      const spectral = (0.5 - 0.1 * stage) * Math.exp(-i / 400) * (0.9 + 0.2 * random());
      const decay = stage === 0 ? 0 : 0.08 * Math.exp(-i / 300) * (0.9 + 0.2 * random());
      const loss = waveform + spectral + decay;
      const [lossMin, lossMax] = [0.8 * loss, 1.3 * loss];
      const rest = { epoch: step / 100, learningRate: 1e-3, stage, parts: { waveform, spectral, decay } };
      log.push({ type: "updates", step, loss, lossMin, lossMax, ...rest });
      if (step % 50 !== 0) continue;
      const edrDb = 1.5 + 9 * Math.exp(-step / 250) + 0.3 * random();
      const heard = { scoreDb: edrDb + 0.4, edrDb, edcDb: 0.7 * edrDb, endLevelDb: 0.2, dcEnd: 1e-5 };
      log.push({ type: "evaluation", step, epoch: step / 100, heldOutLoss: null, ...heard, best: true });
    }
  }
  return log;
}

/** The record of a run that judged what `reportInput` says. */
export function runRecord(outcome: RunOutcome): RunRecord {
  const recording = (name: string, notes: string[]) => ({
    name,
    source: `data/${name}`,
    sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    sampleRate: SAMPLE_RATE,
    f0: F0,
    seconds: 12.4,
    notes,
  });
  return {
    schema: 1,
    number: 7,
    name: "passive strat",
    kind: "classic",
    status: "finished",
    startedAt: "2026-01-05T10:00:00.000Z",
    finishedAt: "2026-01-05T10:06:40.000Z",
    seed: 7,
    backend: "tensorflow",
    steps: 20000,
    stepsDone: 20000,
    bestStep: outcome === "good" ? 17500 : 2500,
    bestScoreDb: outcome === "good" ? 2.1 : 31.4,
    f0: F0,
    sampleRate: SAMPLE_RATE,
    trainedOn: [recording("strat-e2-2.wav", []), recording("strat-e2-3.wav", ["3 samples are clipped."])],
    judgedOn: [recording("strat-e2-5.wav", ["The pluck comes 0.31 s in."])],
    git: { commit: "f1e2ace0c55ad015a3bf4f1b2b0b822cd15d6c15", dirty: true },
    versions: { node: "22.23.3", "@neural-string/trainer": "0.1.0", "@tensorflow/tfjs-node": "4.22.0" },
  };
}

/** The log of a run: losses that fall with noise, evaluations, epochs. */
export function trainingLog(outcome: RunOutcome, updates: number, evaluations: number): LogLine[] {
  const log: LogLine[] = [];
  const random = seededRandom(1);
  const every = Math.max(1, Math.floor(updates / Math.max(1, evaluations)));
  let best = Number.POSITIVE_INFINITY;
  for (let i = 1; i <= updates; i++) {
    const [step, share] = [5 * i, i / updates];
    const loss = (0.4 * Math.exp(-6 * share) + 0.004) * (0.8 + 0.4 * random());
    const epoch = share * 12;
    log.push({
      type: "updates",
      step,
      epoch,
      loss,
      lossMin: loss * (0.4 + 0.3 * random()),
      lossMax: loss * (1.3 + random()),
      learningRate: 1e-3 * (1 - share),
    });
    if (i % Math.max(1, Math.floor(updates / 12)) === 0) {
      log.push({ type: "epoch", step, epoch: Math.max(1, Math.round(epoch)), loss: loss * 1.05 });
    }
    if (evaluations === 0 || i % every !== 0) continue;
    const edrDb =
      outcome === "good" ? 22 * Math.exp(-5 * share) + 1.5 + random() : 20 + 15 * random() + 20 * share;
    const scoreDb = edrDb + (random() < 0.05 ? 60 : 0.4);
    log.push({
      type: "evaluation",
      step,
      epoch,
      heldOutLoss: loss * (1.2 + 0.5 * share),
      scoreDb,
      edrDb,
      edcDb: edrDb * (0.5 + 0.3 * random()),
      endLevelDb: outcome === "good" ? random() - 0.5 : 20 + random(),
      dcEnd: outcome === "good" ? 1e-4 * random() : 0.05,
      best: scoreDb < best,
    });
    best = Math.min(best, scoreDb);
  }
  return log;
}

/** Judge a sound as the trainer does. */
export function judge(
  { recording, sampleRate, target, render }: JudgedSound,
  seenInTraining: boolean,
): Judgement {
  const metrics = measureRender(render, target, sampleRate, { f0: F0, seconds: 5 });
  return {
    recording,
    seenInTraining,
    skip: 1198,
    f0: F0,
    render: "render.wav",
    metrics,
    verdicts: verdicts(metrics),
    failures: namedFailures(metrics, render, target, sampleRate).map((failure) => ({
      ...failure,
      causes: [...failure.causes],
    })),
    brokenSamples: 0,
  };
}

/** A recording that runs on for 4.5 s after the 5 s that are judged, so that its noise can be told. */
export function judgedSound(recording: string, render: Partial<StringSound>): JudgedSound {
  const sound = (of: Partial<StringSound>) => Float32Array.from(syntheticString({ ...TARGET, ...of }));
  return {
    recording,
    sampleRate: SAMPLE_RATE,
    target: sound({}),
    render: sound({ ...render, seconds: 5 }),
    karplusStrong: sound({ seconds: 5, B: 0, t60: 4, damping: 0.05 }),
  };
}

/** Numbers in 0 .. 1 (linear congruential generator of Numerical Recipes). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
