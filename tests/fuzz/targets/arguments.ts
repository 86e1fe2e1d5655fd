/**
 * Command lines, given to the parser itself: each is refused in one line, or calls one command with options that are of
 * the type and in the range that its help states. What the commands then make of them is in the children's target.
 */
import { program } from "@neural-string/trainer/cli";
import fc from "fast-check";
import { expect } from "vitest";
import type { Target } from "../target.ts";

interface ArgumentsCase {
  args: string[];
}

type Command = typeof program;

/** What a command was called with. */
interface Called {
  command: string;
  args: unknown[];
  options: Record<string, unknown>;
}

let called: Called[] = [];

/** Every command, those below others included. */
function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap((below) => commandsOf(below as Command))];
}

const commands = commandsOf(program);
for (const command of commands) {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  if (command === program || command.name() === "generate") continue; // only name others
  command.action((...given: unknown[]) => {
    const args = given.slice(0, -2);
    called.push({ command: command.name(), args, options: command.opts() });
  });
}

const NAMES = commands.slice(1).map((command) => command.name());
const FLAGS = [
  ...new Set(commands.flatMap(({ options }) => options.map(({ flags }) => flags.split(" ")[0]))),
];

/** Options that are numbers, and what their help promises of all of them. */
const NUMBERS = [
  ...["f0", "minutes", "seconds", "sampleRate", "t60", "level", "damping", "pluckPosition", "steps", "seed"],
  ...["channel", "initSamples", "excitation", "skip", "inharmonicity", "detuneCents", "secondMix"],
  ...["secondT60Ratio", "workers", "details", "patienceSeconds"],
];
const WHOLE = ["steps", "seed", "channel", "initSamples", "excitation", "skip", "workers", "details"];
/** What takes memory by the count. */
const MOST: Record<string, number> = { workers: 256 };
const SIGNED = ["detuneCents"];

function expectInRange({ command, options }: Called): void {
  for (const name of NUMBERS) {
    const value = options[name];
    // the table of a stiff string's decays is read by the command
    if (value === undefined || (command === "stiff" && name === "t60")) continue;
    expect(Number.isFinite(value), `${command} ${name}`).toBe(true);
    if (!SIGNED.includes(name)) expect(value, `${command} ${name}`).toBeGreaterThanOrEqual(0);
    if (name in MOST) expect(value, `${command} ${name}`).toBeLessThanOrEqual(MOST[name]);
    if (WHOLE.includes(name)) expect(Number.isSafeInteger(value), `${command} ${name}`).toBe(true);
  }
}

/** Demand that a number is one that was typed, as people write numbers: no other base, nothing rounded, nothing cut off. */
function expectTyped({ command, options }: Called, args: readonly string[]): void {
  for (const name of NUMBERS) {
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const typed = args.flatMap((arg, i) =>
      arg === flag ? [args[i + 1] ?? ""] : arg.startsWith(`${flag}=`) ? [arg.slice(flag.length + 1)] : [],
    );
    if (options[name] === undefined || typed.length === 0 || (command === "stiff" && name === "t60"))
      continue;
    const numbers = typed.filter((text) => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)).map(Number);
    expect(numbers, `${command} ${flag} of ${typed}`).toContain(options[name]);
  }
}

export const commandLines: Target<ArgumentsCase> = {
  name: "arguments",
  what: "command lines, up to the command they call",
  kept: "json",
  shortRun: 1500,
  cases: () => {
    const value = fc.oneof(
      fc.constantFrom("1", "0", "-1", "1.5", "1e3", "1e999", "0x10", "NaN", "Infinity", "", " ", "--", "-"),
      fc.constantFrom("a.wav", "../../x", "auto", "none", "model.bias=true", "__proto__=1", "a=b=c", "7"),
      fc.integer().map(String),
      fc.double().map(String),
      fc.string(),
    );
    const flag = fc.oneof(
      { arbitrary: fc.constantFrom(...FLAGS), weight: 8 },
      { arbitrary: fc.constantFrom("--help", "--version", "--__proto__", "--constructor", "-x"), weight: 1 },
      { arbitrary: fc.string().map((name) => `--${name}`), weight: 1 },
    );
    const given = fc.oneof(
      fc.tuple(flag, value),
      fc.tuple(flag, value).map(([name, said]) => [`${name}=${said}`]),
      fc.tuple(value),
      fc.tuple(flag),
    );
    const command = fc.oneof(
      { arbitrary: fc.constantFrom(...NAMES.map((name) => [name])), weight: 6 },
      { arbitrary: fc.constantFrom(["generate", "ks"], ["generate", "stiff"], ["runs", "keep"]), weight: 3 },
      { arbitrary: fc.tuple(fc.string()), weight: 1 },
    );
    return fc
      .tuple(command, fc.array(given, { maxLength: 6 }))
      .map(([first, rest]) => ({ args: [...first, ...rest.flat()] }));
  },
  check: async ({ args }) => {
    called = [];
    try {
      await program.parseAsync(args, { from: "user" });
    } catch (error) {
      const { name, message, exitCode } = error as Error & { exitCode: number };
      expect(name, message).toBe("CommanderError");
      expect(called).toEqual([]);
      if (exitCode !== 0) expect(message.replaceAll(/\s*\n\s*/g, " ")).toMatch(/^.{1,2000}$/su);
      return;
    }
    expect(called).toHaveLength(1);
    expectInRange(called[0]);
    expectTyped(called[0], args);
  },
};
