/** A law: a sweep file of `packages/trainer/laws` that also says what its plots show. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseOrExplain, SCORES, UserError } from "@neural-string/shared";
import { parse } from "yaml";
import { z } from "zod";
import { readWhole } from "../files.ts";

/**
 * Measured of a trial: on held-out stretches of its own recordings, of the checkpoint that was kept or (end.loss) of the
 * last one; or on the judge's.
 */
const VALUES = [
  ...SCORES,
  "end.loss",
  "judge.edr",
  "judge.lsd",
  "judge.edc",
  "judge.partials",
  "judge.cents",
] as const;

const LawSchema = z.strictObject({
  question: z.string().min(1),
  plots: z
    .array(
      z.strictObject({
        /** Part of the file's name. */
        name: z.string().regex(/^[a-z0-9-]+$/, "expected small letters, digits and dashes"),
        title: z.string(),
        /** A field of the trial's config: a number, or a word of which each gets a place of its own. */
        x: z.strictObject({ path: z.string(), label: z.string(), log: z.boolean().default(false) }),
        y: z.strictObject({ value: z.enum(VALUES), label: z.string(), log: z.boolean().default(false) }),
        /** A field that tells lines apart. */
        by: z.strictObject({ path: z.string(), label: z.string() }).optional(),
      }),
    )
    .min(1),
});

export type Law = z.output<typeof LawSchema> & {
  name: string;
  /** Its sweep file. */
  file: string;
};
export type LawPlot = Law["plots"][number];
export type LawValue = (typeof VALUES)[number];

const FOLDER = fileURLToPath(new URL("../../laws", import.meta.url));

/** The names of the laws there are. */
export function lawNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .toSorted();
}

/** Read a law. @throws UserError where there is none of the name */
export function readLaw(name: string): Law {
  const names = lawNames();
  if (!names.includes(name)) throw new UserError(`${name}: no such law; there are ${names.join(", ")}`);
  const file = join(FOLDER, `${name}.yaml`);
  const { law } = parse(new TextDecoder().decode(readWhole(file, "a law's sweep file"))) as { law?: unknown };
  return { ...parseOrExplain(LawSchema, law, `${name}.yaml: law`), name, file };
}
