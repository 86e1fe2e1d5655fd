/** What `ablation.ts` is asked for. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UserError } from "@neural-string/shared";
import { TRAINED, type Trained } from "./trained-strings.ts";
import { UNTRAINED, type Untrained } from "./untrained-strings.ts";

/** A kind of string. */
export type Row = Trained | Untrained;
const ROWS: readonly Row[] = [...(Object.keys(TRAINED) as Trained[]), ...UNTRAINED];

export function isTrained(row: Row): row is Trained {
  return row in TRAINED;
}

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
  const rows = values.rows?.split(",") ?? [...ROWS];
  const unknown = rows.find((row) => !(ROWS as readonly string[]).includes(row));
  if (unknown !== undefined) {
    throw new UserError(`--rows: expected some of ${ROWS.join(",")}, got ${unknown || "nothing"}`);
  }
  const starts = values.starts.split(",").map((text) => numberFrom("starts", text));
  const wrong = starts.find((start) => !Number.isInteger(start));
  if (wrong !== undefined) throw new UserError(`--starts: expected whole numbers of samples, got ${wrong}`);
  const minutes = numberFrom("minutes", values.minutes);
  const seconds = numberFrom("seconds", values.seconds);
  const settings = { recordings: positionals, rows: rows as Row[], starts, seconds, minutes };
  return { settings, out: values.out, json: values.json };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        minutes: { type: "string", default: "2" },
        starts: { type: "string", default: "1198,11025" },
        seconds: { type: "string", default: "5" },
        rows: { type: "string" },
        out: { type: "string", default: join("runs", "ablation") },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function numberFrom(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new UserError(`--${name}: expected numbers above 0, got ${text || "nothing"}`);
}
