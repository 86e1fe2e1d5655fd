/** The commands that train many strings: sweep, its workers, and the laws that sweeps show. No logic of their own. */
import { type Command, Option } from "commander";
import { collect, fileName, json, positive, whole, workers } from "./cli-options.ts";
import type { Terminal } from "./terminal.ts";

/** Runs a command with the terminal its options ask for. */
export type Run = (
  work: (terminal: Terminal) => number | Promise<number>,
  options: { json?: boolean },
) => () => Promise<void>;

/** Add them. */
export function addSweepCommands(program: Command, run: Run): void {
  const sweep = program
    .command("sweep")
    .enablePositionalOptions()
    .description(
      "Train many strings that differ in what is varied, and tell which sounds best in closed loop on held-out stretches.",
    )
    .argument(
      "[file]",
      "a sweep file (YAML or JSON), or laws/NAME of packages/trainer/laws; without: options alone",
      fileName,
    )
    .option(
      "--over <path=values>",
      "vary a field of the config: values joined by commas, or a range as log(1e-4..1e-2), int(4..64), 0.1..0.9 (repeatable)",
      collect,
      [],
    )
    .addOption(
      new Option("--search <how>", "which combinations are trained (default grid)").choices([
        "grid",
        "random",
        "halving",
        "tpe",
      ]),
    )
    .addOption(
      new Option(
        "--metric <name>",
        "what is made small, heard on held-out stretches (default score)",
      ).choices(["score", "edr", "edc", "loss"]),
    )
    .option("--seed <n>", "seed of what the search draws", whole(0))
    .option("--runs <n>", "most trials (default: the whole grid, or 20 draws)", whole(1))
    .option("--minutes <m>", "begin nothing after so long; --resume goes on", positive)
    .option("--recordings <files...>", "recordings that every trial trains on")
    .option("--judge <recordings...>", "held-out recordings that judge every trial, and steer nothing")
    .option("--config <file>", "what trials begin as: a config file, or the name of one of ours", fileName)
    .option("--set <path=value>", "change one field for all trials (repeatable)", collect, [])
    .option("--steps <n>", "optimisation steps of every trial", whole(1))
    .addOption(
      new Option("--backend <name>", "where tfjs computes").choices(["auto", "tensorflow", "wasm", "cpu"]),
    )
    .option(
      "--folder <dir>",
      "the sweep's folder, which must hold none yet (default runs/sweeps/NAME)",
      fileName,
    )
    .option("--resume <sweep>", "go on with a sweep (name or folder)", fileName)
    .addOption(workers("worker processes on this machine"))
    .option("--queue <url>", "redis://host:port: leave the training to those who run sweep worker there")
    .addOption(json())
    .action(async (file: string | undefined, options) => {
      const { sweep } = await import("./commands/sweep.ts");
      const { recordings = [], judge = [] } = options;
      await run((terminal) => sweep({ ...options, file, recordings, judge }, terminal), options)();
    });
  sweep
    .command("worker")
    .description("Train the trials that sweeps put into a queue, on as many machines as there are.")
    .requiredOption("--queue <url>", "redis://host:port, or rediss:// for TLS")
    .addOption(workers("trials at once (default: as many as there are cores)"))
    .option("--folder <dir>", "where recordings are kept, and runs until they are sent", fileName)
    .option(
      "--patience-seconds <s>",
      "after so long without a sign of life a worker counts as dead",
      positive,
      30,
    )
    .addOption(json())
    .action(async (options) => {
      const { sweepWorker } = await import("./commands/sweep-worker.ts");
      await run((terminal) => sweepWorker(options, terminal), options)();
    });

  program
    .command("laws")
    .description("Train the sweeps that show known laws of training, and draw what they came to.")
    .argument("[names...]", "of packages/trainer/laws; none: all")
    .option("--minutes <m>", "begin nothing after so long; the same command goes on", positive)
    .addOption(workers("worker processes on this machine"))
    .option("--show", "train nothing: draw what has been trained", false)
    .option("--docs", "write tables and plots into docs/laws.md", false)
    .addOption(json())
    .action(async (names: string[], options) => {
      const { laws } = await import("./commands/laws.ts");
      await run((terminal) => laws({ ...options, names }, terminal), options)();
    });
}
