/**
 * What a person (or with --json a machine) sees of a command: lines, a progress line that rewrites itself on a
 * terminal and is quiet in a log, numbers and times in words.
 */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

/** Where a command writes. In JSON mode, standard output carries JSON lines only and the rest goes to stderr. */
export class Terminal {
  readonly json: boolean;
  #live = false;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Say something to a person. */
  say(text: string): void {
    this.#endLive();
    (this.json ? process.stderr : process.stdout).write(`${harmless(text)}\n`);
  }

  /** Something odd that does not stop the work. */
  warn(text: string): void {
    this.#endLive();
    process.stderr.write(`${pc.yellow("note")} ${harmless(text)}\n`);
  }

  /** One JSON line, in JSON mode. */
  emit(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Rewrite the progress line; nothing where nobody watches. */
  progress(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[K${harmless(text).slice(0, (process.stderr.columns ?? 100) - 1)}`);
    this.#live = true;
  }

  #endLive(): void {
    if (!this.#live) return;
    process.stderr.write("\r\x1b[K");
    this.#live = false;
  }
}

/**
 * What may be written on a screen: text, lines, colours. Names come from files that anybody may have made, and whatever else
 * moves a terminal, or turns what is read backwards, is shown as a sign in its place.
 */
function harmless(text: string): string {
  return text.replace(/(\p{Cc})(\[[\d;]*m)?|[\u202a-\u202e\u2066-\u2069]/gu, (all, control, colour = "") => {
    const isColour = control === "\x1b" && colour !== "";
    return isColour || control === "\n" || control === "\t" ? all : `\ufffd${colour}`;
  });
}

/** "4 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A number with three significant digits. */
export function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}

/** A verdict's word, coloured. */
export function grade(verdict: "good" | "fair" | "poor"): string {
  return { good: pc.green, fair: pc.yellow, poor: pc.red }[verdict](verdict);
}

/** Lines of a table, columns aligned; the first row is its head. */
export function table(rows: readonly (readonly string[])[]): string {
  // colours take no room on the screen
  const width = (cell: string) => stripVTControlCharacters(cell).length;
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => width(row[column]))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + " ".repeat(widths[column] - width(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
