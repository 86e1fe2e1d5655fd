/** The commands of the documentation's shell blocks, word by word: enough of a shell for what the pages use. */

/** A command as it is typed. */
export interface ShellCommand {
  words: string[];
  /** The line it stands on, as it stands there. */
  line: string;
}

/** Read a block: a command a line, or several with &&; what comes before (VARIABLE=…) and after (# …) left out. */
export function shellCommands(code: string): ShellCommand[] {
  return code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .flatMap((line) =>
      line
        .replace(/(^|\s)#.*$/, "")
        .split("&&")
        .map((part) => ({
          words: (part.match(/"[^"]*"|\S+/g) ?? [])
            .map((word) => word.replace(/^"(.*)"$/, "$1"))
            .filter((word) => !/^[A-Z_]+=/.test(word)),
          line,
        })),
    )
    .filter(({ words }) => words[0] !== undefined && words[0] !== "");
}

/** What pnpm is asked to do. */
export interface PnpmCall {
  /** Of the package it is about; the root's where none is named. */
  filter: string | null;
  /** A script, or a command of pnpm's own. */
  name: string;
  args: string[];
}

/** Read a call of pnpm: as `pnpm …`, or as `npx -y pnpm@12 …`. @returns null where it is something else */
export function pnpmCall(words: readonly string[]): PnpmCall | null {
  const [first, ...rest] = words[0] === "npx" && words[1] === "-y" ? words.slice(2) : words;
  if (!/^pnpm(@\d+)?$/.test(first)) return null;
  const isFiltered = rest[0] === "--filter";
  const [name, ...args] = (isFiltered ? rest.slice(2) : rest).filter((word) => word !== "run");
  return { filter: isFiltered ? rest[1] : null, name, args };
}
