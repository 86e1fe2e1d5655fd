/** What a training step of the passive string costs, measured side by side in one run. */
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { chooseBackend } from "../src/backend.ts";
import { median } from "../src/measure/decay-time.ts";
import { programArguments, wholeNumber } from "../src/program-arguments.ts";
import { createFmaCrew } from "./fma-crew.ts";
import { measurePrototype, prototypeProblem } from "./prototype.ts";
import { TrainingStep, trainBuild } from "./training-step.ts";

const DEFAULT_PROTOTYPE = "../../../../shared/research/passive_loop.py";
const DECAY_WEIGHT = 0.5;
const WARM_UP_STEPS = 5;
const HELP = `node packages/trainer/bench/rollout-step.ts [options]; build core-wasm first (pnpm build)

What a training step of the passive string costs:
  step      K = 64 periods, batch 8, N = 256, linear, one thread: spectra to taps, rollouts, losses, back through all
            of it, Adam; alternating with the PyTorch prototype's step
  speed-up  of two threads over one, of our step and of plain multiply-add loops in the same kind of workers,
            alternating step by step: the machine's own limit, and how much of it is reached
All figures are medians; other load on the machine shows in the spread.

  --rounds N        of all contestants (default 5)
  --steps N         a round and contestant (default 10)
  --threads N       (default 2)
  --prototype PATH  default ../shared/research/passive_loop.py beside the repository
  --json            figures as JSON
  --quick           tiny sizes without the prototype: shows that the program works, its figures mean nothing
`;

/** The middle and the ends of what was measured, milliseconds or a ratio. */
interface Spread {
  median: number;
  least: number;
  most: number;
}

const { values } = programArguments(HELP, {
  rounds: { type: "string", default: "5" },
  steps: { type: "string", default: "10" },
  threads: { type: "string", default: "2" },
  prototype: { type: "string", default: fileURLToPath(new URL(DEFAULT_PROTOTYPE, import.meta.url)) },
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
});
const { quick } = values;
const settings = {
  periods: quick ? 6 : 64,
  batch: quick ? 2 : 8,
  rounds: quick ? 1 : wholeNumber("--rounds", values.rounds),
  steps: quick ? 2 : wholeNumber("--steps", values.steps),
  threads: wholeNumber("--threads", values.threads, 64),
};
const { name: backend } = await chooseBackend("auto");
const problem = quick ? "the prototype is not measured in a quick run" : prototypeProblem(values.prototype);
const step = await measureStep();
const speedUp = await measureSpeedUp();
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.versions.node };
const result = { machine, build: trainBuild, backend, settings, note: problem, step, speedUp };
console.log(values.json ? JSON.stringify(result, null, 2) : table());

/** Our step and the prototype's, turn by turn. */
async function measureStep() {
  const ours = await TrainingStep.create({ ...settings, threads: 1 });
  const times = { ours: [] as number[], withDecay: [] as number[], prototype: [] as number[] };
  await warmUp(ours);
  for (let round = 0; round < settings.rounds; round++) {
    progress(`step, round ${round + 1} of ${settings.rounds}`);
    if (problem === null) times.prototype.push(measurePrototype(values.prototype));
    const repeat = async (take: () => Promise<unknown>) => {
      const taken: number[] = [];
      for (let i = 0; i < settings.steps; i++) taken.push(await timed(take));
      return median(taken);
    };
    times.ours.push(await repeat(() => ours.take()));
    times.withDecay.push(await repeat(() => ours.take(DECAY_WEIGHT)));
  }
  ours.dispose();
  const ratios = times.prototype.map((time, i) => time / times.ours[i]);
  return {
    oursMs: spread(times.ours),
    oursWithDecayMs: spread(times.withDecay),
    prototypeMs: ratios.length > 0 ? spread(times.prototype) : null,
    prototypeOverOurs: ratios.length > 0 ? spread(ratios) : null,
  };
}

/** One thread and several, our step and plain multiply-adds, turn by turn. */
async function measureSpeedUp() {
  const { threads, batch, rounds, steps } = settings;
  const one = await TrainingStep.create({ ...settings, threads: 1 });
  const many = await TrainingStep.create(settings);
  const fmaOne = await createFmaCrew(1, batch);
  const fmaMany = await createFmaCrew(threads, batch);
  const runs = [() => one.take(), () => many.take(), () => fmaOne.run(), () => fmaMany.run()];
  await warmUp(one);
  await warmUp(many);
  // multiply-adds for about as long as a step takes
  for (let i = 0; i < 100; i++) for (const fma of [fmaOne, fmaMany]) fma.run();
  const calls = Math.max(1, Math.round((await timed(runs[0])) / (await timed(runs[2]))));
  for (const fma of [fmaOne, fmaMany]) fma.setCalls(calls);
  const times = runs.map((): number[] => []);
  for (let i = 0; i < rounds * steps; i++) {
    if (i % steps === 0) progress(`speed-up, round ${1 + i / steps} of ${rounds}`);
    for (const [r, run] of runs.entries()) times[r].push(await timed(run));
  }
  for (const { dispose } of [fmaOne, fmaMany]) dispose();
  for (const training of [one, many]) training.dispose();
  const [oneMs, manyMs, fmaOneMs, fmaManyMs] = times.map(spread);
  const stepGain = oneMs.median / manyMs.median;
  const fmaGain = fmaOneMs.median / fmaManyMs.median;
  return { oneMs, manyMs, fmaOneMs, fmaManyMs, step: stepGain, fma: fmaGain, share: stepGain / fmaGain };
}

/** Steps until the engine has compiled everything for speed. */
async function warmUp(training: TrainingStep): Promise<void> {
  for (let i = 0; i < WARM_UP_STEPS; i++) await training.take(DECAY_WEIGHT);
}

async function timed(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function spread(x: readonly number[]): Spread {
  return { median: median(x), least: Math.min(...x), most: Math.max(...x) };
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function table(): string {
  const { periods, batch, threads } = settings;
  const row = (name: string, x: Spread | null, unit = " ms") =>
    x === null
      ? []
      : [
          `  ${name.padEnd(34)} ${x.median.toFixed(2).padStart(8)}${unit}   (${x.least.toFixed(2)} to ${x.most.toFixed(2)})`,
        ];
  const gain = (name: string, x: number) => `  ${name.padEnd(34)} ${x.toFixed(2).padStart(8)}`;
  return [
    `${process.stderr.isTTY ? "\n" : ""}${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${trainBuild}, tfjs ${backend}`,
    "",
    `One step, ${periods} periods, batch ${batch}, 256 taps, linear, one thread; median (least to most)`,
    ...row("ours", step.oursMs),
    ...row("ours, with the decay loss too", step.oursWithDecayMs),
    ...row("PyTorch prototype", step.prototypeMs),
    ...row("prototype over ours", step.prototypeOverOurs, "   "),
    ...(problem === null ? [] : [`  ${problem}`]),
    "",
    `${threads} threads over one`,
    ...row("our step, 1 thread", speedUp.oneMs),
    ...row(`our step, ${threads} threads`, speedUp.manyMs),
    ...row("multiply-adds, 1 thread", speedUp.fmaOneMs),
    ...row(`multiply-adds, ${threads} threads`, speedUp.fmaManyMs),
    gain("speed-up of our step", speedUp.step),
    gain("speed-up of multiply-adds", speedUp.fma),
    gain("ratio of the two", speedUp.share),
  ].join("\n");
}
