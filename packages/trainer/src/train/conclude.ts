/**
 * The end of a run: the exported string is rendered, judged on recordings (unseen ones where there are any), and the
 * report is written. What is judged is the model file's content, played by the WASM core.
 */
import { Resonator } from "@neural-string/core-wasm";
import type { Judgement, ModelFile } from "@neural-string/shared";
import { encodeWav } from "../audio/wav.ts";
import { writeJson, writeWhole } from "../files.ts";
import { judge, plainKarplusStrong, renderAfter } from "../judge.ts";
import { bindPassive, isPassive } from "../passive-file.ts";
import { firstLayer } from "../report/weight-plots.ts";
import { type ReportInput, renderReport } from "../report/write-report.ts";
import type { SourcedRecording } from "../sources.ts";
import { grade, line, paint, short, type Terminal, table } from "../terminal.ts";
import type { Run } from "./run.ts";
import { shownExamples } from "./shown-examples.ts";

/** Judge and report a run whose model has just been exported; its record, which says that it has ended, comes last. */
export function concludeRun(run: Run, file: ModelFile, terminal: Terminal): void {
  const { core, config, folder, record } = run;
  const { header } = file;
  const unseen = run.judgedOn.length > 0;
  const recordings: SourcedRecording[] = unseen ? run.judgedOn : run.trainedOn;
  const judgements: Judgement[] = [];
  const sounds: ReportInput["sounds"] = [];
  const mixtureWeights: Float32Array[] = [];
  recordings.forEach((recording, i) => {
    const { judgement, render, target, weights } = judge(core, file, recording, {
      skip: unseen ? config.judge.skip : null,
      seconds: config.judge.seconds,
      seenInTraining: !unseen,
      tune: isPassive(file) && config.judge.tune === "auto",
    });
    mixtureWeights.push(weights);
    const { skip } = judgement;
    judgement.skip += recording.offset; // as the file counts
    judgement.render = i === 0 ? "render.wav" : `render-${i + 1}.wav`;
    writeWhole(folder.file(judgement.render), encodeWav(render, header.sampleRate));
    judgements.push(judgement);
    const plain = new Resonator(core, plainKarplusStrong(header.sampleRate, recording.f0));
    sounds.push({
      recording: recording.name,
      sampleRate: header.sampleRate,
      target,
      render,
      karplusStrong: renderAfter(
        plain,
        recording.samples,
        Math.max(skip, plain.wantedHistory),
        render.length,
      ),
    });
  });
  writeJson(folder.file("metrics.json"), { schema: 1, judgements });
  writeWhole(
    folder.file("report.html"),
    renderReport({
      record,
      config,
      log: folder.readLog(),
      judgements,
      sounds,
      passive: pictured(file, mixtureWeights),
      data: run.pictures,
      firstLayer: firstLayer(file) ?? undefined,
      losses: lossesOf(run, file),
    }),
  );
  folder.writeRecord(record);
  tell(run, judgements, terminal);
}

/** What the report shows of single examples; undefined where none were followed. */
function lossesOf({ core, folder, trainedOn, further }: Run, file: ModelFile): ReportInput["losses"] {
  const record = folder.readLosses();
  return record === null
    ? undefined
    : { record, worst: shownExamples(core, file, record, [...trainedOn, ...further]) };
}

/** What the report shows of a passive string beside its sound. */
function pictured(file: ModelFile, weights: readonly Float32Array[]): ReportInput["passive"] {
  if (!isPassive(file)) return undefined;
  const model = bindPassive(file);
  const { filters } = model;
  return {
    model,
    weights: weights.map((values) => ({ hop: model.mixture?.hop ?? 1, filters, values })),
  };
}

function tell({ folder, record }: Run, judgements: readonly Judgement[], terminal: Terminal): void {
  terminal.say(
    `best at step ${record.bestStep} of ${record.stepsDone}: closed loop ${short(record.bestScoreDb ?? Number.NaN)} dB on held-out stretches`,
  );
  for (const judgement of judgements) tellJudgement(judgement, terminal);
  terminal.say(
    `${paint("bold", "run folder")} ${line(folder.path)}\n  open ${line(folder.file("report.html"))}`,
  );
  terminal.emit({ type: "result", folder: folder.path, status: record.status, judgements });
}

/** Print one judgement: what was heard, in numbers and words. */
export function tellJudgement(judgement: Judgement, terminal: Terminal): void {
  const { seenInTraining } = judgement;
  const seen =
    seenInTraining === null
      ? "against a render"
      : seenInTraining
        ? "trained on it"
        : "never heard in training";
  terminal.say(
    `${paint("bold", judgement.recording)} (${seen}), ${judgement.metrics.seconds.toFixed(1)} s from sample ${judgement.skip}:`,
  );
  const rows = judgement.verdicts.map(({ name, value, unit, verdict, sentence }) => [
    `  ${name}`,
    value === null ? "-" : `${short(value)} ${unit}`,
    grade(verdict),
    sentence,
  ]);
  terminal.say(table(rows));
  for (const { name, sentence, causes } of judgement.failures) {
    terminal.say(`  ${paint("red", name)}: ${sentence} Perhaps: ${causes.join("; ")}.`);
  }
}
