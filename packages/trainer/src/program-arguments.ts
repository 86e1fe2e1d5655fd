/**
 * Command lines of the programs beside the CLI (benches, fuzzing, faults, soaks): `--help` prints what they are for, and
 * what is wrong with a word is one sentence on standard error and exit code 2.
 */
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { line } from "./terminal.ts";

/**
 * Read this process's command line; it ends here for `--help` and for what cannot be read.
 * @param help usage, purpose and options
 * @param options as `parseArgs` of node:util takes them
 * @param positionals whether words that are no options may be there
 */
export function programArguments<const Options extends ParseArgsOptionsConfig>(
  help: string,
  options: Options,
  positionals = false,
) {
  const words = process.argv.slice(2);
  if (words.includes("--help") || words.includes("-h")) {
    process.stdout.write(help);
    process.exit(0);
  }
  try {
    const read = parseArgs({ args: words, options, allowPositionals: true });
    const [surplus] = positionals ? [] : read.positionals;
    return surplus === undefined ? read : refuse(`${surplus}: expected only options; --help lists them`);
  } catch (error) {
    return refuse(`${(error as Error).message.split(". ")[0]}; --help lists the options`);
  }
}

/**
 * Most processes that anybody may ask for at once: more than the cores of any one machine these run on, while their
 * memory (some 100 MB each) still is one's own to give. A slip of the finger, 1e9, would take all of it without a word.
 */
export const MOST_PROCESSES = 256;

/** The whole number, from 1 on or to `most`, that an option states; else the process ends. */
export function wholeNumber(option: string, text: string, most = Number.POSITIVE_INFINITY): number {
  if (/^[1-9]\d{0,8}$/.test(text) && Number(text) <= most) return Number(text);
  const range = most === Number.POSITIVE_INFINITY ? "from 1 on" : `from 1 to ${most}`;
  return refuse(`${option}: expected a whole number ${range}, got ${text || "nothing"}`);
}

/** End the process over its command line. */
export function refuse(sentence: string): never {
  process.stderr.write(`${line(sentence)}\n`);
  process.exit(2);
}
