/** What `pnpm bench:wasm` is asked for. */
import { parseArgs } from "node:util";
import { UserError } from "@neural-string/shared";
import { ENGINES, type Engine, WORKLOADS, type WorkloadName } from "./schema.ts";

export const HELP = `Usage: pnpm bench:wasm [options]

Measures core-wasm's kernels in paired rounds, beside what else a registry has for the same work. Every engine's
sound is compared with the float64 reference first; one that is off is refused, not timed.

  --workload A,B   only these of ${WORKLOADS.slice(0, 5).join(", ")},
                   ${WORKLOADS.slice(5).join(", ")}
  --engine A,B     only these of ${ENGINES.join(", ")};
                   relaxed is what ratios refer to
  --seconds S      time that the table's rounds take; the rest is given in proportion (default 120)
  --json FILE      write everything that was measured
  --curves         cost against hidden units, taps, delays, voices and block size, too
  --profile        where the time goes in networks and passive strings, by V8's sampling profiler, too
  --cpu-profiles DIR  keep the profiler's files, for Chromium's DevTools (implies --profile)
  --docs           write docs/benchmarks.md and its plots; takes a whole run (implies --curves and --profile)
  --from FILE      measure nothing: print, and with --docs write, what an earlier --json FILE holds
  --offline        do not install the peers (onnxruntime, Faust) where they are missing
  --python PATH    interpreter that may have PyTorch (default python3)
  --help           this text
`;

export interface Arguments {
  help: boolean;
  workloads: readonly WorkloadName[];
  engines: readonly Engine[];
  seconds: number;
  json: string | null;
  curves: boolean;
  profile: boolean;
  cpuProfiles: string | null;
  docs: boolean;
  from: string | null;
  offline: boolean;
  python: string;
}

/** Read the command line. @throws UserError naming the option */
export function readArguments(words: readonly string[]): Arguments {
  const values = parse(words);
  const docs = values.docs ?? false;
  const isFiltered = values.workload !== undefined || values.engine !== undefined;
  if (docs && isFiltered && values.from === undefined) {
    throw new UserError("--docs: expected a whole run, got --workload or --engine; leave these out");
  }
  const cpuProfiles = values["cpu-profiles"] ?? null;
  return {
    help: values.help ?? false,
    workloads: choose("workload", WORKLOADS, values.workload),
    engines: choose("engine", ENGINES, values.engine),
    seconds: readSeconds(values.seconds),
    json: values.json ?? null,
    curves: docs || (values.curves ?? false),
    profile: docs || cpuProfiles !== null || (values.profile ?? false),
    cpuProfiles,
    docs,
    from: values.from ?? null,
    offline: values.offline ?? false,
    python: values.python ?? "python3",
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        ...{ workload: { type: "string", multiple: true }, engine: { type: "string", multiple: true } },
        ...{ seconds: { type: "string" }, json: { type: "string" }, from: { type: "string" } },
        ...{ curves: { type: "boolean" }, profile: { type: "boolean" }, docs: { type: "boolean" } },
        ...{ "cpu-profiles": { type: "string" }, python: { type: "string" } },
        ...{ offline: { type: "boolean" }, help: { type: "boolean" } },
      },
    }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message}; --help lists the options`);
  }
}

/** Names of a list, comma-separated, in the list's order. */
function choose<Name extends string>(
  option: string,
  all: readonly Name[],
  wishes: readonly string[] | undefined,
): readonly Name[] {
  if (wishes === undefined) return all;
  const names = wishes.flatMap((wish) => wish.split(","));
  const unknown = names.find((name) => !(all as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new UserError(`--${option}: expected some of ${all.join(", ")}, got ${unknown || "nothing"}`);
  }
  return all.filter((name) => names.includes(name));
}

function readSeconds(text = "120"): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new UserError(`--seconds: expected a number above 0, got ${text || "nothing"}`);
}
