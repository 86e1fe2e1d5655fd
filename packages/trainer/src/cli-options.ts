/** What options are given, as commander reads it: numbers in their ranges, and the options that several commands have. */
import { InvalidArgumentError, Option } from "commander";
import { MOST_PROCESSES } from "./program-arguments.ts";

/** A number as people write it; NaN for what else Number() would take (0x10, 0b1, an empty text). */
const decimal = (text: string) =>
  /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
/** A number of a range, both ends included. */
export const number =
  (least: number, most = Number.MAX_VALUE) =>
  (text: string) => {
    const value = decimal(text);
    if (!(value >= least && value <= most))
      throw new InvalidArgumentError(
        `expected a number from ${least}${most < Number.MAX_VALUE ? ` to ${most}` : " on"}.`,
      );
    return value;
  };
/** A number above 0. */
export const positive = (text: string) => {
  const value = decimal(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError("expected a number above 0.");
  return value;
};
/** Seconds of sound: from a millisecond up to an hour. */
export const soundSeconds = number(0.001, 3600);
/** A whole number of a range, both ends included; without `most` from `least` on. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string) => {
    const value = decimal(text);
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(
        `expected a whole number from ${least} ${most < Number.MAX_SAFE_INTEGER ? `to ${most}` : "on"}.`,
      );
    return value;
  };
/** `--workers`: each is a process with memory of its own. */
export const workers = (what: string) =>
  new Option("--workers <n>", what).argParser(whole(1, MOST_PROCESSES));
/** The name of a file or folder: not empty, which would be the folder that one is in, and none that no system has. */
export const fileName = (text: string) => {
  if (text === "") throw new InvalidArgumentError("expected a name, got an empty text.");
  if (text.includes("\0")) throw new InvalidArgumentError("expected a name without the character U+0000.");
  return text;
};
/** An option that may be given again: all of its texts. */
export const collect = (text: string, before: string[]) => [...before, text];

/** `--json`. */
export const json = () => new Option("--json", "JSON lines on standard output, all else on standard error");
/** `--channel`. */
export const channel = () =>
  new Option("--channel <n>", "channel of a file with several, 0 = the first").argParser(whole(0)).default(0);
/** `--tune`. */
export const tune = () =>
  new Option("--tune <how>", "auto: tune a passive string to the recording's first samples")
    .choices(["none", "auto"])
    .default("none");
