/** `pnpm generate`: strings whose truth is known, as WAV files. */
import {
  KarplusStrongRecipeSchema,
  parseOrExplain,
  type Recipe,
  StiffStringRecipeSchema,
} from "@neural-string/shared";
import { encodeWav } from "../audio/wav.ts";
import { loadCore } from "../core-build.ts";
import { writeWhole } from "../files.ts";
import { checkOutput } from "../output-file.ts";
import { makeString } from "../recipe.ts";
import { line, short, type Terminal } from "../terminal.ts";

const SCHEMAS = { ks: KarplusStrongRecipeSchema, stiff: StiffStringRecipeSchema };

/**
 * Generate a string.
 * @param options the recipe's fields as given on the command line; what is missing has its default
 * @throws UserError
 */
export function generate(
  kind: "ks" | "stiff",
  options: Record<string, unknown>,
  out: string,
  terminal: Terminal,
): number {
  const recipe: Recipe = parseOrExplain(SCHEMAS[kind], { ...options, generate: kind }, `generate ${kind}`);
  checkOutput(out);
  writeWhole(out, encodeWav(makeString(loadCore(), recipe), recipe.sampleRate));
  terminal.say(
    `${line(out)}: ${kind === "ks" ? "Karplus-Strong" : "stiff string"}, f0 ${short(recipe.f0)} Hz, ${short(recipe.seconds)} s at ${recipe.sampleRate} Hz, seed ${recipe.seed}`,
  );
  terminal.emit({ type: "generate", out, recipe });
  return 0;
}
