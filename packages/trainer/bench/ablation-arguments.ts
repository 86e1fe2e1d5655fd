/** What `ablation.ts` is asked for. */
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import { programArguments } from "../src/program-arguments.ts";
import type { Budget } from "./trained-strings.ts";

/** The kinds of strings, in the tables' order, and what they are called there. */
export const ROWS = {
  "karplus-strong": "plain Karplus-Strong",
  "least-squares": "least squares, one loop",
  textbook: "textbook calibration (T60 per partial, FIR)",
  classic: "classic MLP, one-step training",
  "classic-rollout": "classic MLP, rollout training",
  linear: "two linear loops, spectral form",
  mixture: "+ level-driven mixture, this string",
  residual: "+ per-sample residual (no guarantee)",
  others: "no model: as the other recordings went on, partial by partial",
} as const;
/** A kind of string. */
export type Row = keyof typeof ROWS;
const ALL = Object.keys(ROWS) as Row[];

const DEFAULT_MINUTES = 2;
const HELP = `node packages/trainer/bench/ablation.ts A.wav B.wav C.wav [options]; build core-wasm first (pnpm build)

Kinds of strings made from the same recordings and judged alike, by leaving each recording out once: whatever is made,
trained or not, comes from the others, and the one left out judges. Prints a Markdown table as figures come in. A kind
that fails is named, the others go on, and the exit code is 1.

  --minutes M   the same time for every training (default ${DEFAULT_MINUTES}), turned into steps before it begins: wall time, since
                a step of one kind is a hundred times what a step of another is
  --steps N     or the same number of steps, which is the same to the bit everywhere
  --seed S      (default 1)
  --starts N,N  samples of the recording, from the start of its file, that excite the string: judged after each
                (default 1198,11025)
  --seconds S   that are judged (default 5)
  --rows A,B    some of ${ALL.join(", ")}
  --out DIR     where run folders and results.json go (default runs/ablation); what that holds already, of the same
                settings, is not made again
  --docs        write the tables into docs/how-the-passive-string-works.md, and what they are made from into
                docs/results/ablation.json
  --json        results.json at the end instead of the table
`;

/** Read the command line. @throws UserError naming the option */
export function readArguments() {
  const { values, positionals } = parse();
  const twice = positionals.find((path, i) => positionals.indexOf(path) !== i);
  if (positionals.length < 2 || twice !== undefined) {
    const got = twice === undefined ? positionals.length : `${twice} twice`;
    throw new UserError(
      `recordings: expected two or more, each once, got ${got}; name audio files of one string`,
    );
  }
  const wanted = values.rows?.split(",") ?? ALL;
  const unknown = wanted.find((row) => !(ALL as string[]).includes(row));
  if (unknown !== undefined) {
    throw new UserError(`--rows: expected some of ${ALL.join(",")}, got ${unknown || "nothing"}`);
  }
  const starts = values.starts.split(",").map((text) => wholeFrom("starts", text));
  const seconds = numberFrom("seconds", values.seconds);
  return {
    recordings: positionals,
    rows: ALL.filter((row) => wanted.includes(row)),
    judging: { starts, seconds },
    budget: readBudget(values),
    out: values.out,
    docs: values.docs,
    json: values.json,
  };
}

function readBudget({ minutes, steps, seed }: { minutes?: string; steps?: string; seed: string }): Budget {
  if (minutes !== undefined && steps !== undefined) {
    throw new UserError("--minutes, --steps: expected one of them, got both; every training gets the same");
  }
  const known = { seed: wholeFrom("seed", seed) };
  if (steps !== undefined) return { steps: wholeFrom("steps", steps), ...known };
  return { minutes: minutes === undefined ? DEFAULT_MINUTES : numberFrom("minutes", minutes), ...known };
}

function parse() {
  return programArguments(
    HELP,
    {
      minutes: { type: "string" },
      steps: { type: "string" },
      seed: { type: "string", default: "1" },
      starts: { type: "string", default: "1198,11025" },
      seconds: { type: "string", default: "5" },
      rows: { type: "string" },
      out: { type: "string", default: join("runs", "ablation") },
      docs: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
    true,
  );
}

function numberFrom(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new UserError(`--${name}: expected numbers above 0, got ${text || "nothing"}`);
}

function wholeFrom(name: string, text: string): number {
  const value = numberFrom(name, text);
  if (Number.isInteger(value)) return value;
  throw new UserError(`--${name}: expected whole numbers, got ${text}`);
}
