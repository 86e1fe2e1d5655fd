/** Run folders as training leaves them, without training: some good, some failing, in two batch sizes, judged on a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeWav } from "@neural-string/trainer/audio/wav";
import { LossFile } from "@neural-string/trainer/loss-file";
import { makeLosses } from "./loss-fixture.ts";
import { type RunOutcome, reportInput, trainingLog } from "./report-fixture.ts";

const inputs = { good: reportInput("good"), failing: reportInput("failing") };

export interface MadeRun {
  folder: string;
  outcome?: RunOutcome;
  batchSize?: number;
  /** What metrics.json calls the recording. */
  recording?: string;
  updates?: number;
  /** What metrics.json says the render is called. */
  render?: string;
}

/** Write the recording that the runs are judged on. @returns its path */
export function writeJudge(folder: string): string {
  const path = join(folder, "judge.wav");
  const [{ target, sampleRate }] = inputs.good.sounds;
  writeFileSync(path, encodeWav(target, sampleRate));
  return path;
}

/** Write a run's folder. @param judge path of the recording it was judged on */
export function writeRun(judge: string, options: MadeRun): void {
  const { folder, outcome = "good", batchSize = 32, updates = 60, recording, render } = options;
  const { record, config, judgements, sounds } = inputs[outcome];
  mkdirSync(folder, { recursive: true });
  const write = (file: string, value: unknown) => writeFileSync(join(folder, file), JSON.stringify(value));
  write("run.json", { ...record, ...(recording && { name: recording }) });
  const training = { ...config.training, batchSize };
  write("config.json", { ...config, judge: { ...config.judge, recordings: [judge] }, training });
  const log = trainingLog(outcome, updates, Math.min(updates, 10));
  writeFileSync(join(folder, "log.jsonl"), log.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const { header, rows } = makeLosses("samples", { examples: 40 });
  const losses = new LossFile(join(folder, "losses.bin"), header);
  for (const row of rows) losses.append(row);
  const [judgement] = judgements;
  const heard = { ...judgement, ...(recording && { recording }), skip: 0, render: render ?? "render.wav" };
  write("metrics.json", { schema: 1, judgements: [heard] });
  writeFileSync(join(folder, "render.wav"), encodeWav(sounds[0].render, sounds[0].sampleRate));
}
