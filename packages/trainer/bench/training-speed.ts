/**
 * How fast classic strings learn on each of tfjs's backends, and by the core's fused kernels, side by side in one run: in
 * each round every contestant has its turn. The unit is the same for all: samples predicted and learned from per second.
 */
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { generateKarplusStrong } from "@neural-string/core-wasm";
import { type ClassicTrainConfig, TrainConfigSchema } from "@neural-string/shared";
import { chooseBackend } from "../src/backend.ts";
import { ClassicTraining } from "../src/core/train.ts";
import { loadCore, loadTrainModule } from "../src/core-build.ts";
import { fillMarked } from "../src/experiments/docs.ts";
import { writeWhole } from "../src/files.ts";
import { median } from "../src/measure/decay-time.ts";
import { programArguments, wholeNumber } from "../src/program-arguments.ts";
import { headerFromConfig } from "../src/string-model.ts";

const PAGE = fileURLToPath(new URL("../../../docs/experiments.md", import.meta.url));
const SAMPLE_RATE = 44100;
const F0 = 110;
const PERIODS = 24;
const ROLLOUTS = 4;

const HELP = `node packages/trainer/bench/training-speed.ts [--rounds N] [--json] [--docs]

Training steps of one network, one tfjs backend after the other, and through the core's fused kernels; build
core-wasm first (pnpm build).
  --rounds N  of all of them; the median counts (default 3)
  --json      figures as JSON
  --docs      write the table into docs/experiments.md
`;
const { values } = programArguments(HELP, {
  rounds: { type: "string", default: "3" },
  json: { type: "boolean", default: false },
  docs: { type: "boolean", default: false },
});
const rounds = wholeNumber("--rounds", values.rounds);

interface Contestant {
  name: string;
  backend: "cpu" | "wasm" | "tensorflow";
  /** Samples that one step predicts. */
  samples: number;
  rollout: boolean;
}

const rolloutSamples = ROLLOUTS * Math.round((PERIODS * SAMPLE_RATE) / F0);
const contestants: Contestant[] = [
  { name: "one step, cpu (plain JavaScript)", backend: "cpu", samples: 128, rollout: false },
  { name: "one step, wasm", backend: "wasm", samples: 128, rollout: false },
  { name: "one step, tensorflow", backend: "tensorflow", samples: 128, rollout: false },
  { name: "sequences, fused kernels", backend: "wasm", samples: 128 + rolloutSamples, rollout: true },
];

const measured = contestants.map((contestant) => ({ ...contestant, stepMs: [] as number[], note: "" }));
for (let round = 0; round < rounds; round++) {
  for (const contestant of measured) {
    try {
      await chooseBackend(contestant.backend);
      contestant.stepMs.push(stepMs(contestant.rollout));
    } catch (error) {
      contestant.note = (error as Error).message;
    }
  }
}
const rows = measured.map(({ name, samples, stepMs: times, note }) => ({
  name,
  stepMs: times.length > 0 ? median(times) : null,
  samplesPerSecond: times.length > 0 ? (1000 * samples) / median(times) : null,
  note,
}));
const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.versions.node };
console.log(values.json ? JSON.stringify({ machine, rows }, null, 2) : table());
if (values.docs) {
  const text = `${table()}\n\nNode ${machine.node}, ${machine.cores} cores (${machine.cpu}), medians of ${values.rounds} rounds.`;
  writeWhole(PAGE, fillMarked(readFileSync(PAGE, "utf8"), "experiments:speed", text));
}

/** Milliseconds of a step on the backend that is chosen. */
function stepMs(rollout: boolean): number {
  const config = TrainConfigSchema.parse({
    recordings: ["ks"],
    model: { kind: "classic" },
    training: {
      longestT60: null,
      loss: { name: "energy_l1" },
      rollout: rollout ? { periods: PERIODS, batchSize: ROLLOUTS, from: 0 } : null,
    },
  }) as ClassicTrainConfig;
  const core = loadCore();
  const training = new ClassicTraining({
    config,
    header: headerFromConfig(config, "speed", SAMPLE_RATE, F0),
    core,
    recordings: [generateKarplusStrong(core, { sampleRate: SAMPLE_RATE, f0: F0, seconds: 6, t60: 4 })],
    trainModule: rollout ? loadTrainModule() : undefined,
  });
  const { stepMs } = training.measureSpeed(() => performance.now());
  training.dispose();
  return stepMs;
}

function table(): string {
  const slowest = Math.min(...rows.flatMap(({ samplesPerSecond }) => samplesPerSecond ?? []));
  const cells = rows.map(({ name, stepMs, samplesPerSecond, note }) =>
    stepMs === null || samplesPerSecond === null
      ? `| ${name} | – | – | ${note} |`
      : `| ${name} | ${stepMs.toFixed(2)} | ${Math.round(samplesPerSecond)} | ${(samplesPerSecond / slowest).toFixed(1)} |`,
  );
  return [
    "| training | ms a step | samples a second | times the slowest |",
    "| --- | ---: | ---: | ---: |",
    ...cells,
  ].join("\n");
}
