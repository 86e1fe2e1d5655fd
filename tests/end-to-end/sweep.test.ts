// Sweeps on this machine: killed in the middle and resumed, nothing is lost, repeated or other than a run of its own;
// halving leaves behind what is worse; what cannot be swept is refused before anything is written.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type JournalLine, UserError } from "@neural-string/shared";
import { type SweepCommand, sweep } from "@neural-string/trainer/commands/sweep";
import { readJournal } from "@neural-string/trainer/sweep/journal";
import { Terminal } from "@neural-string/trainer/terminal";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { generatePlucks, listFiles, readJson, run, start, succeed, writeTinyConfig } from "../support/cli.ts";

const folder = temporaryFolder();
const STEPS = 450;
/** A machine with much else to do. */
const PATIENCE_MS = 600_000;
/** A request that says nothing, and a screen that nobody sees. */
const nothing = { over: [], set: [], recordings: [], judge: [] };
class Quiet extends Terminal {
  override say(): void {}
}
const quiet = new Quiet(false);
const tiny = ["--config", "tiny.json", "--recordings", "a.wav", "--judge", "b.wav"];
/** Few steps of plain gradient descent at some rates. */
const diverging = (rates: string) => [
  ...[...tiny, "--over", `training.optimizer.learningRate=${rates}`],
  ...["--set", "training.optimizer.name=sgd", "--steps", "60"],
];
const journalOf = (sweep: string) => readJournal(join(folder, sweep, "journal.jsonl")).lines;
const outcomesOf = (lines: readonly JournalLine[]) => lines.filter((line) => line.type === "outcome");
const runOf = (sweep: string, number: number) => {
  const name = readdirSync(join(folder, sweep, "trials")).find((entry) =>
    entry.startsWith(String(number).padStart(4, "0")),
  );
  return join(sweep, "trials", String(name));
};
const model = (runDir: string) => readFileSync(join(folder, runDir, "model.safetensors"));

beforeAll(async () => {
  writeTinyConfig(folder, { training: { steps: STEPS, batchSize: 32 }, selection: { evaluations: 9 } });
  await generatePlucks(folder);
  writeFileSync(join(folder, "twice.yaml"), "over:\n  training.batchSize: [16, 32, 16]\n");
});

describe("sweep", () => {
  test(
    "killed in the middle and resumed: every trial once, each with the bytes of a run of its own",
    async () => {
      const args = ["sweep", ...tiny, "--over", "training.batchSize=16,24,32"];
      const { child, ended, says } = start(folder, ...args, "--folder", "grid", "--workers", "2", "--json");
      await says(/"type":"outcome"/);
      child.kill("SIGKILL");
      await ended;
      const before = outcomesOf(journalOf("grid"));
      expect(before.length).toBeGreaterThan(0);
      expect(before.length).toBeLessThan(3);
      const kept = before.map(({ number }) => readFileSync(join(folder, runOf("grid", number), "run.json")));

      expect(await run(folder, ...args, "--folder", "grid")).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /expected no sweep there yet, got one; go on with it with --resume .*\n$/,
        ),
      });
      await succeed(folder, "sweep", "--resume", "grid", "--workers", "2");
      const after = outcomesOf(journalOf("grid"));
      expect(after.slice(0, before.length)).toEqual(before);
      expect(after.map(({ number }) => number).toSorted()).toEqual([1, 2, 3]);
      expect(new Set(after.map(({ id }) => id)).size).toBe(3);
      // what had ended was not touched again
      expect(
        before.map(({ number }) => readFileSync(join(folder, runOf("grid", number), "run.json"))),
      ).toEqual(kept);
      for (const { outcome } of after) expect(outcome).toMatchObject({ status: "finished", step: STEPS });

      // one that the kill had cut in two
      const resumed = [1, 2, 3].find((number) => !before.some((line) => line.number === number)) ?? 0;
      const setting = `training.batchSize=${[16, 24, 32][resumed - 1]}`;
      const alone = ["train", "a.wav", "--judge", "b.wav", "--config", "tiny.json", "--set", setting];
      await succeed(folder, ...alone, "--run-dir", "alone");
      expect(model(runOf("grid", resumed)).equals(model("alone"))).toBe(true);

      // once more there is nothing to do
      expect(await succeed(folder, "sweep", "--resume", "grid")).toContain("best: trial ");
      expect(outcomesOf(journalOf("grid"))).toEqual(after);
    },
    PATIENCE_MS,
  );

  test(
    "halving: the worse end at their rung, the best trains all its steps, with the bytes of a run of its own",
    async () => {
      const over = ["--over", "training.optimizer.learningRate=1e-5,3e-5,3e-3"];
      const args = [
        "sweep",
        ...tiny,
        ...over,
        "--search",
        "halving",
        "--folder",
        "halving",
        "--workers",
        "2",
      ];
      await succeed(folder, ...args);
      const outcomes = outcomesOf(journalOf("halving"));
      const told = outcomes.map(({ number, pauseAt, outcome }) => [number, pauseAt, outcome.status]);
      expect(told.slice(0, 3).toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual(
        [1, 2, 3].map((number) => [number, 50, "paused"]),
      );
      expect(told.slice(3)).toEqual([
        [3, 150, "paused"],
        [3, null, "finished"],
      ]);
      const score = (number: number) =>
        outcomes.find((line) => line.number === number)?.outcome.scores.score ?? 0;
      expect(score(3)).toBeLessThan(Math.min(score(1), score(2)));
      for (const number of [1, 2]) {
        expect(readJson(folder, runOf("halving", number), "run.json")).toMatchObject({
          status: "stopped",
          stepsDone: 51,
        });
      }
      const alone = ["train", "a.wav", "--judge", "b.wav", "--config", "tiny.json", "--run-dir", "winner"];
      await succeed(folder, ...alone, "--set", "training.optimizer.learningRate=0.003");
      expect(model(runOf("halving", 3)).equals(model("winner"))).toBe(true);
    },
    PATIENCE_MS,
  );

  test("rungs lie where the loop is heard", { timeout: PATIENCE_MS }, async () => {
    const args = ["--over", "training.batchSize=16,24", "--search", "halving", "--folder", "rungs"];
    // a ninth is 6 and a third is 18, but it is heard at 27 and 54 only
    await succeed(folder, "sweep", ...tiny, ...args, "--steps", "54", "--set", "selection.evaluations=2");
    const paused = outcomesOf(journalOf("rungs")).filter(({ pauseAt }) => pauseAt !== null);
    expect(paused.map(({ pauseAt }) => pauseAt)).toEqual([27, 27]);
    for (const { outcome } of paused) expect(outcome.step).toBeGreaterThanOrEqual(27);
  });

  test("a sweep whose every trial fails says so and ends with 1", { timeout: PATIENCE_MS }, async () => {
    const args = [...diverging("1e30,1e31"), "--folder", "all-fail"];
    const { code, stderr } = await run(folder, "sweep", ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/every trial failed, the first by: training: the loss is no longer a number/);
  });

  test("a trial that diverges is an outcome, and the others go on", { timeout: PATIENCE_MS }, async () => {
    await succeed(folder, "sweep", ...diverging("1e30,1e-2"), "--folder", "diverging", "--workers", "1");
    const outcomes = outcomesOf(journalOf("diverging"))
      .toSorted((a, b) => a.number - b.number)
      .map(({ outcome }) => outcome);
    expect(outcomes).toMatchObject([
      { status: "failed", error: expect.stringContaining("no longer a number"), scores: { score: null } },
      { status: "finished" },
    ]);
  });

  test.each<[Partial<SweepCommand>, RegExp]>([
    [{ over: ["training.batchSize=16,many"] }, /^sweep: training\.batchSize: expected a number, got "many"/],
    [{ over: ["training.learningRate=1,2"] }, /^sweep: training\.learningRate: unknown key; did you mean/],
    [{ over: ["data.seconds=1..0"] }, /^--over: data\.seconds: expected from below to/],
    [{}, /^sweep: over: expected what to vary, got nothing/],
    [
      { over: ["training.batchSize=16"], set: ["training.steps=null"] },
      /^sweep: training\.steps: expected a number of steps, got none; .*give --steps$/,
    ],
    [
      { over: ["training.batchSize=16"], queue: "redis://user:secret@127.0.0.1:1" },
      /^--queue redis:\/\/127\.0\.0\.1:1: expected a Redis or Valkey server, got no answer \([^)]*\)/,
    ],
    [
      { file: "twice.yaml", over: [] },
      /^twice\.yaml: over\.training\.batchSize: expected each value once, got 16 twice; leave one out/,
    ],
    [{ over: ["training.batchSize=16"], queue: "http://a" }, /^--queue: expected redis:\/\/host:port/],
  ])("%j is refused in one sentence, before anything is written", async (change, sentence) => {
    const config = join(folder, "tiny.json");
    const recordings = [join(folder, "a.wav")];
    const file = change.file && join(folder, change.file);
    const request = { ...nothing, config, recordings, folder: join(folder, "refused"), ...change, file };
    const error = await sweep(request, quiet).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).not.toContain("secret");
    expect(existsSync(join(folder, "refused"))).toBe(false);
  });

  test("a recording that has changed since is not taken for the one the sweep began with", async () => {
    const files = listFiles(join(folder, "grid"));
    await succeed(
      folder,
      "generate",
      "ks",
      "--f0",
      "220",
      "--sample-rate",
      "8000",
      "--seconds",
      "3",
      "--seed",
      "7",
      "--out",
      "a.wav",
    );
    expect(await run(folder, "sweep", "--resume", "grid")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /trial 1: its recordings or its config are no longer what they were .*\n$/,
      ),
    });
    expect(listFiles(join(folder, "grid"))).toEqual(files);
  });
});
