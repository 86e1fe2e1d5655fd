/**
 * The commands: arguments in, one command called, an exit code out. No logic of its own. Bad input is one line on
 * standard error and exit code 2; a defect of ours is a stack trace and exit code 1. Imported, it runs nothing.
 */
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, Option } from "commander";
import {
  channel,
  collect,
  fileName,
  json,
  number,
  positive,
  soundSeconds,
  tune,
  whole,
} from "./cli-options.ts";
import { addSweepCommands } from "./cli-sweeps.ts";
import { runMain } from "./run-main.ts";
import { line, Terminal } from "./terminal.ts";

let exitCode = 0;

/** What is understood; a test gives it arguments of its own. */
export const program = new Command("neural-string")
  .description(
    "A recording of one plucked string goes in; a small neural network that is that string comes out.",
  )
  .showSuggestionAfterError()
  // what stands behind a command's name is that command's: sweep and sweep worker have options of one name
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(oneLine(text)) });

/** commander's sentence and its "(Did you mean ...?)", which stands on a line of its own. */
function oneLine(text: string): string {
  const sentence = text.replace(/^error: /, "").trim();
  // the arguments it repeats are from outside
  return `${line(sentence.replaceAll(/\s*\n\s*/g, " "))}\n`;
}

/** Run a command with the terminal its options ask for. */
function run(work: (terminal: Terminal) => number | Promise<number>, options: { json?: boolean }) {
  return async () => {
    exitCode = await work(new Terminal(options.json ?? false));
  };
}

program
  .command("train")
  .description(
    "Train a string on recordings (WAV, AIFF, OGG, FLAC, MP3). Without any: piano string A1, judged on a velocity it never heard.",
  )
  .argument("[recordings...]", "recordings of one string, one note each")
  .option("--judge <recordings...>", "held-out recordings that judge the result and touch nothing else")
  .option("--config <file>", "a config file, or the name of one of packages/trainer/configs", fileName)
  .option("--set <path=value>", "change one field of the config (repeatable)", collect, [])
  .option("--channel <n>", "channel of files with several, 0 = the first", whole(0))
  .option("--f0 <hz>", "fundamental frequency, instead of finding it", positive)
  .option("--runs <dir>", "parent of run folders", fileName, "runs")
  .option("--run-dir <dir>", "exactly this folder, which must not exist yet", fileName)
  .option("--resume <run>", "go on with a run (number, name or path)", fileName)
  .option("--from <model>", "start from another model's parameters", fileName)
  .addOption(
    new Option("--backend <name>", "where tfjs computes").choices(["auto", "tensorflow", "wasm", "cpu"]),
  )
  .option("--seed <n>", "seed of all that is random", whole(0))
  .option("--steps <n>", "optimisation steps, instead of a time budget", whole(1))
  .option("--minutes <m>", "time budget, turned into a recorded number of steps", positive)
  .addOption(json())
  .action(async (recordings: string[], options) => {
    const { train } = await import("./commands/train.ts");
    const set = [...options.set];
    if (options.channel !== undefined) set.push(`data.channel=${options.channel}`);
    if (options.f0 !== undefined) set.push(`data.f0=${options.f0}`);
    await run((terminal) => train({ ...options, set, recordings }, terminal), options)();
  });

program
  .command("render")
  .description(
    "Let a model run on its own after a recording's first samples, or from its own pluck; 32-bit float WAV.",
  )
  .requiredOption("--model <file>", "model.safetensors", fileName)
  .option("--init <recording>", "recording whose first samples excite the string", fileName)
  .option(
    "--init-samples <n>",
    "how many, counted from the start of the file (default: from the onset, as many as the model wants); the output begins after them",
    whole(1),
  )
  .option("--seconds <s>", "length of the render, up to an hour", soundSeconds, 5)
  .option("--excitation <n>", "which of the model's own plucks to play without --init", whole(0), 0)
  .option(
    "--f0 <hz>",
    "play at another pitch: a passive string is tuned, a classic one gets taps of another period",
    positive,
  )
  .addOption(tune())
  .option("--guard", "energy guard: hold an unstable network level", false)
  .option(
    "--control <i=v>",
    "hold a control, by index or by kind, at a value, or kind=live as in training (repeatable; default 0)",
    collect,
    [],
  )
  .option(
    "--feature <kind=v>",
    "hold a feature at a value, or kind=live (repeatable; default 0)",
    collect,
    [],
  )
  .addOption(channel())
  .option("--out <file>", "where to write it", fileName, "render.wav")
  .addOption(json())
  .action(async (options) => {
    const { render } = await import("./commands/render.ts");
    await run((terminal) => render(options, terminal), options)();
  });

program
  .command("evaluate")
  .description("Measure a model's free run, or a render, against the recording it should sound like.")
  .option("--model <file>", "model.safetensors: rendered after the target's first samples", fileName)
  .option("--render <file>", "a render whose first sample is sample --skip of the target", fileName)
  .requiredOption(
    "--target <recording>",
    "the recording: a file, or one of a package, npm:@scope/package/path",
    fileName,
  )
  .option("--skip <n>", "samples of the target before the comparison begins", whole(0))
  .option("--seconds <s>", "seconds to compare, up to an hour", soundSeconds, 5)
  .option("--f0 <hz>", "fundamental of the target, instead of finding it", positive)
  .addOption(tune())
  .option(
    "--soak",
    "also let the model run for a minute and judge its stability; a passive string from seven pasts, at three pitches and two sample rates",
    false,
  )
  .addOption(channel())
  .addOption(json())
  .action(async (options) => {
    const { evaluate } = await import("./commands/evaluate.ts");
    await run((terminal) => evaluate(options, terminal), options)();
  });

const generate = program.command("generate").description("Make strings whose truth is known, as WAV files.");
generate
  .command("ks")
  .description("A Karplus-Strong pluck.")
  .requiredOption("--f0 <hz>", "fundamental frequency", positive)
  .option("--sample-rate <hz>", "sample rate (default 44100)", positive)
  .option("--seconds <s>", "length (default 6)", positive)
  .option("--t60 <s>", "time the fundamental takes to fall 60 dB (default 4)", positive)
  .option(
    "--damping <s>",
    "share of the older sample in the loop's average, 0 to 0.5 (default 0.5)",
    number(0, 0.5),
  )
  .option("--pluck-position <p>", "fraction of the string's length, 0 = no comb (default 0)", number(0, 0.5))
  .option("--level <l>", "peak of the excitation (default 0.5)", positive)
  .option("--seed <n>", "seed of the noise (default 1)", whole(0))
  .option("--out <file>", "where to write it", fileName, "ks.wav")
  .addOption(json())
  .action(async ({ out, json, ...recipe }) => {
    const { generate } = await import("./commands/generate.ts");
    await run((terminal) => generate("ks", recipe, out, terminal), { json })();
  });
generate
  .command("stiff")
  .description("A stiff string with two polarisations.")
  .requiredOption("--f0 <hz>", "fundamental frequency of the string without stiffness", positive)
  .option("--sample-rate <hz>", "sample rate (default 44100)", positive)
  .option("--seconds <s>", "length (default 6)", positive)
  .option("--inharmonicity <b>", "B: partial m lies at m f0 sqrt(1 + B m^2) (default 1e-4)", number(0, 0.1))
  .option("--t60 <s,...>", "time each partial takes to fall 60 dB (default: 8 s, falling over 60 partials)")
  .option("--pluck-position <p>", "fraction of the string's length (default 0.2)", number(0, 0.5))
  .option(
    "--detune-cents <c>",
    "pitch of the second polarisation minus the first's (default 1)",
    number(-100, 100),
  )
  .option("--second-mix <m>", "share of the second polarisation (default 0.3)", number(0, 1))
  .option("--second-t60-ratio <r>", "its T60 over the first's (default 2)", positive)
  .option("--level <l>", "peak (default 0.5)", positive)
  .option("--seed <n>", "seed of the phases (default 1)", whole(0))
  .option("--out <file>", "where to write it", fileName, "stiff.wav")
  .addOption(json())
  .action(async ({ out, json, t60, ...recipe }) => {
    const { generate } = await import("./commands/generate.ts");
    const table = t60 === undefined ? {} : { t60: String(t60).split(",").map(Number) };
    await run((terminal) => generate("stiff", { ...recipe, ...table }, out, terminal), { json })();
  });

generate
  .command("stability")
  .description("Training data for stability: a sound that blew a string up, continued by a stable one.")
  .requiredOption("--model <file>", "the stable string, model.safetensors", fileName)
  .requiredOption("--from <recording>", "a render or recording that is not stable", fileName)
  .option(
    "--at <seconds,...>",
    "where the stable string takes over (default: four places, from where it first grows to its loudest)",
  )
  .option("--seconds <s>", "length of each continuation", soundSeconds, 1)
  .option("--guard", "energy guard on the stable string", false)
  .addOption(channel())
  .option(
    "--out <file>",
    "where to write it; with several places name-1.wav, name-2.wav ...",
    fileName,
    "stability.wav",
  )
  .addOption(json())
  .action(async ({ at, json, ...request }) => {
    const { generateStability } = await import("./commands/generate-stability.ts");
    const places = at === undefined ? undefined : String(at).split(",").map(Number);
    await run((terminal) => generateStability({ ...request, at: places }, terminal), { json })();
  });

program
  .command("inspect")
  .description("Look into a model file, or see what training would see in a recording.")
  .argument("<file>", "model.safetensors or a recording", fileName)
  .addOption(json())
  .action(async (file: string, options) => {
    const { inspect } = await import("./commands/inspect.ts");
    await run((terminal) => inspect(file, terminal), options)();
  });

program
  .command("experiments")
  .description(
    "Train the experiments of the project's origin, one after the other, and tell them as a table.",
  )
  .option("--only <id,...>", "some of them")
  .option("--steps <n>", "optimisation steps of each, instead of what its config states", whole(1))
  .option("--minutes <m>", "time budget of all together, instead", positive)
  .addOption(
    new Option("--strings <which>", "piano: recordings that anybody has; strat: those in ../shared")
      .choices(["piano", "strat"])
      .default("piano"),
  )
  .option("--runs <dir>", "parent of their run folders", fileName, "runs/experiments")
  .option("--show", "train nothing: the table of what has been trained", false)
  .option("--docs", "write the table into docs/experiments.md", false)
  .addOption(json())
  .action(async ({ only, ...options }) => {
    const { experiments } = await import("./commands/experiments.ts");
    const chosen = only === undefined ? undefined : String(only).split(",");
    await run((terminal) => experiments({ ...options, only: chosen }, terminal), options)();
  });

program
  .command("report")
  .description(
    "Write one page on runs side by side: how they came out, where their settings differ, their losses, their sound.",
  )
  .argument("[runs...]", "numbers, names or paths; default all")
  .option("--runs <dir>", "parent of run folders", fileName, "runs")
  .option("--out <file>", "where to write it", fileName, "report.html")
  .option("--details <n>", "how many, the best, are shown with sound and pictures", whole(0), 4)
  .addOption(json())
  .action(async (names: string[], { runs: parent, ...options }) => {
    const { report } = await import("./commands/report.ts");
    await run((terminal) => report({ ...options, parent, runs: names }, terminal), options)();
  });

addSweepCommands(program, run);

const runs = program
  .command("runs")
  .description("List runs, or keep one.")
  .option("--runs <dir>", "parent of run folders", fileName, "runs")
  .addOption(json())
  .action(async (options) => {
    const { showRuns } = await import("./commands/runs.ts");
    await run((terminal) => showRuns(options.runs, terminal), options)();
  });
runs
  .command("keep")
  .description("Copy a run (without its checkpoints) to where version control keeps it.")
  .argument("<run>", "number, name or path", fileName)
  .argument("<destination>", "a folder that does not exist yet, for example docs/results/piano", fileName)
  .option("--runs <dir>", "parent of run folders (default: runs)", fileName)
  .addOption(json())
  .action(async (which: string, destination: string, own) => {
    const { keep } = await import("./commands/runs.ts");
    // either place will do: runs --runs DIR keep, or runs keep --runs DIR
    const options = { runs: own.runs ?? runs.opts().runs, json: own.json || runs.opts().json };
    await run((terminal) => keep(which, destination, options.runs, terminal), options)();
  });

// A reader that has seen enough (`| head`) must not end a training run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

async function main(): Promise<number> {
  try {
    await program.parseAsync(process.argv.filter((argument, i) => i !== 3 || argument !== "--"));
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

if (realpathSync(process.argv[1] ?? ".") === fileURLToPath(import.meta.url)) await runMain(main);
