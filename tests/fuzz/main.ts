// `pnpm fuzz`: each target's cases in processes of their own. Cases that broke a promise are kept in tests/corpus, where
// the test suite finds them.
import {
  MOST_PROCESSES,
  programArguments,
  refuse,
  wholeNumber,
} from "@neural-string/trainer/program-arguments";
import { runCampaign } from "./campaign.ts";
import { TARGETS } from "./targets/index.ts";

const names = TARGETS.map(({ name }) => name);
const HELP = `pnpm fuzz [TARGET...] [--cases N] [--seed S] [--jobs J] [--patience SECONDS]

Draws damaged and odd inputs at random and demands that each target keeps its promise.
  TARGET...           some of these; none: all
                      ${names.join(" ")}
  --cases N           of each target (default 100,000; children, which start processes, their own)
  --seed S            another draw (default 1)
  --jobs J            processes at once (default 2)
  --patience SECONDS  after which a process that is silent hangs (default 300)
`;

const text = { type: "string" } as const;
const { values, positionals } = programArguments(
  HELP,
  {
    cases: text,
    seed: { ...text, default: "1" },
    jobs: { ...text, default: "2" },
    patience: { ...text, default: "300" },
  },
  true,
);
const unknown = positionals.find((name) => !names.includes(name));
if (unknown !== undefined) refuse(`${unknown}: expected targets among ${names.join(", ")}`);
const options = {
  module: new URL("./targets/index.ts", import.meta.url).href,
  seed: wholeNumber("--seed", values.seed),
  cases: values.cases === undefined ? undefined : wholeNumber("--cases", values.cases),
  jobs: wholeNumber("--jobs", values.jobs, MOST_PROCESSES),
  patience: wholeNumber("--patience", values.patience),
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
