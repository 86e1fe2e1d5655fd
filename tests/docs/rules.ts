/**
 * How the documentation's commands are run by run-pages.test.ts: as they stand, unless a rule here shortens one, names what
 * runs it elsewhere, or says why nothing does. A rule that no page needs is a fault.
 */

export interface Rule {
  /** The command as the page has it, its words joined by single spaces. */
  command: string;
  /** The one page that it is about; without, all. */
  page?: string;
  /** Why it does not simply run. */
  why: string;
  /** Words taken out and put in, in order, before `add`. */
  replace?: [from: string, to: string][];
  /** Words that follow: of an option given twice the last counts. */
  add?: string;
  /** The file that runs it instead, and what stands in it there. */
  elsewhere?: [file: string, text: string];
  /** What lies beside the repository and not with everybody: where it is missing, the command is not run. */
  needs?: string;
  /** Not run at all. */
  never?: true;
}

const TINY = [
  ...["--set judge.seconds=0.5", "--set model.filters=2", "--set selection.seconds=0.5"],
  ...["--set selection.evaluations=1", "--set training.sequence.latestStart=0.5", "--steps 2"],
].join(" ");
const MINUTES = "it trains for minutes; two steps of a small model go the same way";
const WRITES =
  "it writes into the repository, from hours of training; what it writes is tested where it is made";
const GETTING_STARTED = "packages/playground/src/content/docs/docs/getting-started.md";

export const RULES: Rule[] = [
  {
    command: "npx -y pnpm@12 train",
    page: "README.md",
    why: "getting-started.md begins with the same command, and it is run there",
    elsewhere: [GETTING_STARTED, "npx -y pnpm@12 train"],
  },
  {
    command: "npx -y pnpm@12 train",
    page: GETTING_STARTED,
    why: MINUTES,
    add: `--set model.taps=64 ${TINY}`,
  },
  {
    command: "npx -y pnpm@12 test",
    why: "it is what runs this",
    elsewhere: [".ci/run", "npx -y pnpm@12 test"],
  },
  {
    command: "pnpm train take1.wav take2.wav --judge take3.wav --minutes 10",
    why: MINUTES,
    replace: [["--minutes 10", ""]],
    add: `--set model.taps=32 ${TINY}`,
  },
  {
    command: "pnpm bench:wasm",
    why: "minutes of all workloads",
    add: "--workload karplus-strong --engine js --seconds 0.05",
  },
  {
    command: "pnpm bench:wasm --workload passive,karplus-strong --engine relaxed,simd,js --seconds 20",
    why: "its figures do not matter here",
    replace: [["--seconds 20", "--seconds 0.05"]],
  },
  {
    command: "pnpm bench:wasm --json bench.json --curves --profile",
    why: "minutes of all workloads; the curves' sizes are many, and take half a minute with any budget",
    replace: [["--curves", ""]],
    add: "--workload passive --engine simd --seconds 0.05 --offline",
  },
  {
    command: "pnpm experiments",
    why: "it trains for hours; two steps of one",
    add: "--only ks-linear --steps 2",
  },
  { command: "pnpm experiments --docs", why: WRITES, never: true },
  {
    command: "pnpm experiments --minutes 5",
    why: "five minutes are long; one experiment in some seconds, a busy machine too",
    replace: [["--minutes 5", "--minutes 0.2 --only ks-linear --runs runs/quick"]],
  },
  {
    command: "pnpm experiments --only taps-near,taps-period --steps 20000",
    why: "it trains for an hour; the table of what has been trained",
    add: "--show",
  },
  {
    command: "pnpm experiments --strings strat",
    needs: "../shared/data/strat-low-e",
    why: "it trains for hours, on recordings that not everybody has; the table of what has been trained",
    add: "--show",
  },
  { command: "pnpm laws batch-size --docs", why: WRITES, never: true },
  { command: "pnpm laws", why: "it trains for a day; one of them is run beside this", never: true },
  {
    command:
      "pnpm sweep --config karplus-strong --steps 2000 --over training.batchSize=32,64,128 --over training.optimizer.learningRate=log(1e-4..1e-2)",
    why: "fifteen trainings; one of two steps",
    replace: [["--steps 2000", "--steps 2 --set judge.seconds=0.5 --runs 1"]],
  },
  {
    command:
      "pnpm sweep --recordings take1.wav take2.wav --judge take3.wav --steps 600 --over model.taps=64,128,256,512 --folder runs/sweeps/taps",
    why: MINUTES,
    replace: [["--steps 600", `${TINY} --runs 1`]],
  },
  {
    command: "pnpm sweep my-sweep.yaml --queue redis://queue.example:6379",
    why: "there is no such machine; the test has a Redis of its own",
    elsewhere: ["tests/end-to-end/sweep-queue.test.ts", '"--queue", url, "--json"'],
  },
  {
    command: "pnpm sweep worker --queue redis://queue.example:6379",
    why: "there is no such machine; the test has a Redis of its own",
    elsewhere: ["tests/end-to-end/sweep-queue.test.ts", '"sweep", "worker", "--queue", url'],
  },
  {
    command: "pnpm playground",
    why: "it serves until it is ended; the test does so, and looks at a page",
    elsewhere: ["tests/docs/playground-dev.test.ts", '"@neural-string/playground", "dev"'],
  },
  {
    command: "pnpm playground:build",
    page: GETTING_STARTED,
    why: "the site is built once for all tests, under a path as here",
    elsewhere: ["tests/support/playground-site.ts", "PLAYGROUND_BASE: SITE_PATH"],
  },
  {
    command: "npm install neural-string-core-wasm-0.1.0.tgz",
    why: "it needs a project of its own",
    elsewhere: ["tests/core-wasm/package.test.ts", '"npm", "install"'],
  },
  ...[
    "pnpm --filter @neural-string/core-wasm pack --pack-destination examples",
    "cd examples",
    "mkdir -p core-wasm",
    "tar -xzf neural-string-core-wasm-0.1.0.tgz -C core-wasm --strip-components 1",
    "cp ../runs/0001-…/model.safetensors vite/public/",
    "pnpm install",
    "pnpm build",
  ].map(
    (command): Rule => ({
      command,
      page: "examples/README.md",
      why: "the pages are built in a copy of the folder, and played",
      elsewhere: ["tests/browser/examples.test.ts", "buildExamples("],
    }),
  ),
  ...["git clone REPOSITORY neural-string", "cd neural-string", "npx -y pnpm@12 install"].map(
    (command): Rule => ({
      command,
      page: "CONTRIBUTING.md",
      why: "it makes a clone",
      elsewhere: ["tests/docs/contributing.test.ts", "git clone"],
    }),
  ),
  ...["pnpm exec vitest run tests/core-wasm/resonator.test.ts", "pnpm format"].map(
    (command): Rule => ({
      command,
      page: "CONTRIBUTING.md",
      why: "it is run in a clone, as it may change files",
      elsewhere: ["tests/docs/contributing.test.ts", command.replace("pnpm ", "")],
    }),
  ),
  ...["lint", "typecheck", "test"].map(
    (script): Rule => ({
      command: `pnpm ${script}`,
      page: "CONTRIBUTING.md",
      why: "it comes before the tests, or is what runs them",
      elsewhere: ["package.json", '"pnpm run lint && pnpm run typecheck && pnpm run unit"'],
    }),
  ),
];
