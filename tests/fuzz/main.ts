// `pnpm fuzz [TARGET...] [--cases N] [--seed S] [--jobs J] [--patience SECONDS]`: 100,000 cases of each target, in
// processes of their own. Cases that broke a promise are kept in tests/corpus, where the test suite finds them.
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";
import { TARGETS } from "./targets/index.ts";

const names = TARGETS.map(({ name }) => name);

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}

/** A whole number from 1 on, or what holds where none is given. */
function whole(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) fail(`${option}: expected a whole number from 1 on, got ${text}`);
  return Number(text);
}

function readArguments() {
  try {
    const text = { type: "string" } as const;
    return parseArgs({
      allowPositionals: true,
      options: { cases: text, seed: text, jobs: text, patience: text },
    });
  } catch (error) {
    fail((error as Error).message);
  }
}

const { values, positionals } = readArguments();
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) fail(`${unknown}: expected targets among ${names.join(", ")}`);
const options = {
  module: new URL("./targets/index.ts", import.meta.url).href,
  seed: whole(values.seed, "--seed") ?? 1,
  cases: whole(values.cases, "--cases"),
  jobs: whole(values.jobs, "--jobs") ?? 2,
  patience: whole(values.patience, "--patience") ?? 300,
};

let failed = false;
for (const target of TARGETS) {
  if (positionals.length > 0 && !positionals.includes(target.name)) continue;
  const { cases, seconds, slowest, peak, broken } = await runCampaign(target, options);
  const costs = `slowest ${slowest.toFixed(0)} ms of CPU, largest process ${peak} MiB, ${seconds.toFixed(0)} s`;
  const verdict = broken.length === 0 ? "all keep the promise" : `${broken.length} kinds break the promise`;
  process.stdout.write(
    `${target.name}: ${cases} cases (${target.what}), seed ${options.seed}: ${verdict}; ${costs}\n`,
  );
  for (const { file, reason } of broken) process.stdout.write(`  ${file}\n    ${reason.slice(0, 1500)}\n`);
  failed ||= broken.length > 0;
}
process.exitCode = failed ? 1 : 0;
