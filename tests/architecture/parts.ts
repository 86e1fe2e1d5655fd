/** The parts that the repository falls into, by folder, and what each is for. */

export interface Part {
  /** As the page calls it. */
  name: string;
  what: string;
}

/** Folders, or some of a folder's files; the first that fits holds. */
const PARTS: readonly (Part & { path: string; files?: RegExp })[] = [
  {
    path: "packages/core-wasm/assembly/train",
    name: "kernels for training",
    what: "rollouts and losses, forward and backward; a build of its own, which players do not load",
  },
  {
    path: "packages/core-wasm/assembly",
    name: "kernels",
    what: "AssemblyScript, one algorithm a file; compiled to the `.wasm` builds, so that nothing imports them as source",
  },
  {
    path: "packages/core-wasm/src",
    name: "core-wasm",
    what: "the host of the kernels: reads model files, plays them in Node, pages and worklets",
  },
  {
    path: "packages/core-wasm",
    name: "core-wasm's builds",
    what: "compiles the kernels and makes the worklet's file; the `.wasm` files are what comes of it",
  },
  {
    path: "packages/shared/src",
    name: "shared",
    what: "the contracts: model file, config, run record, metrics, messages; one schema each",
  },
  {
    path: "packages/trainer/src/core/passive",
    name: "core/passive",
    what: "training of the passive string: start, rollouts, stages, the last touch, export",
  },
  {
    path: "packages/trainer/src/core",
    name: "core",
    what: "training in tfjs, free of Node: what a page trains with (`@neural-string/trainer/browser`)",
  },
  { path: "packages/trainer/src/measure", name: "measure", what: "what a sound is, in numbers one can hear" },
  { path: "packages/trainer/src/audio", name: "audio", what: "files of sound, decoded, resampled, written" },
  { path: "packages/trainer/src/note", name: "note", what: "a recording's onset, pitch and flaws" },
  { path: "packages/trainer/src/report", name: "report", what: "a run as one HTML page" },
  { path: "packages/trainer/src/train", name: "train", what: "the parts of `pnpm train`, put together" },
  {
    path: "packages/trainer/src/experiments",
    name: "experiments",
    what: "the origin's experiments, run and told",
  },
  {
    path: "packages/trainer/src/native",
    name: "native",
    what: "TensorFlow's native library, where it is wanted",
  },
  {
    path: "packages/trainer/src/commands",
    name: "commands",
    what: "one file a command: reads what is asked for, calls the parts, writes",
  },
  {
    path: "packages/trainer/src/sweep",
    name: "sweep",
    what: "searches settings by many trainings, on this machine or over a queue",
  },
  {
    path: "packages/trainer/src/laws",
    name: "laws",
    what: "known laws of training: sweeps, their plots and tables",
  },
  {
    path: "packages/trainer/src",
    files: /^(cli|cli-options|cli-sweeps|run-main|terminal)\.ts$/,
    name: "command line",
    what: "what is typed and shown; no logic of its own",
  },
  {
    path: "packages/trainer/src",
    files: /^(work-|rollout-|plane-)|-(pool|worker)\.ts$/,
    name: "threads",
    what: "the parts of a step, shared out over worker threads and put together in a fixed order",
  },
  {
    path: "packages/trainer/src",
    files: /^(string-|play|passive-|recipe|judge)/,
    name: "strings",
    what: "model files read, checked, played and judged",
  },
  {
    path: "packages/trainer/src",
    name: "runs",
    what: "config, recordings, backend, run folder, checkpoints: what a run is made from and leaves behind",
  },
  {
    path: "packages/trainer/bench",
    name: "bench",
    what: "the ablation and the speed of training, as commands",
  },
  { path: "packages/playground/integrations", name: "integrations", what: "what the build adds to pages" },
  { path: "packages/playground/src/audio", name: "audio files", what: "the core's builds as addresses" },
  { path: "packages/playground/src/audition", name: "audition", what: "models beside their recordings" },
  { path: "packages/playground/src/instrument", name: "instrument", what: "models to be played" },
  { path: "packages/playground/src/make", name: "make", what: "one's own string, trained in the page" },
  { path: "packages/playground/src/landing", name: "landing", what: "the strings of the first page" },
  { path: "packages/playground/src/demos", name: "demos", what: "the docs' things to touch" },
  { path: "packages/playground/src/plots", name: "plots", what: "the report's plots, in pages" },
  { path: "packages/playground", name: "pages", what: "Astro pages, layouts, docs, and what they share" },
  {
    path: "tests",
    name: "tests",
    what: "laws, parity with the reference, end to end, in Chromium; benchmarks",
  },
  { path: "examples", name: "examples", what: "core-wasm in other people's pages" },
];

/** The part that a file of the repository belongs to; undefined for modules of Node and of npm. */
export function partOf(file: string): Part | undefined {
  return PARTS.find(
    ({ path, files }) =>
      file.startsWith(`${path}/`) && (files === undefined || files.test(file.slice(path.length + 1))),
  );
}

/** Which of the packages, or tests, or examples, a file belongs to. */
export function packageOf(file: string): string | undefined {
  return file
    .match(/^(?:packages\/([^/]+)|tests|examples)\//)
    ?.slice(0, 2)
    .findLast(Boolean)
    ?.replace(/\/$/, "");
}
