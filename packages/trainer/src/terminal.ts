/**
 * What a person (or with --json a machine) sees of a command: lines, a progress line that rewrites itself on a
 * terminal and is quiet in a log, numbers and times in words.
 */
import pc from "picocolors";

/** Moves a terminal, breaks a line, or turns what is read backwards. */
const MOVING = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
/** Stands within our own colours. No file can know it, so none can colour what it says. */
const MARK = crypto.randomUUID();
const MARKED = new RegExp(`\x1b${MARK}(\\[[\\d;]*m)`, "g");

/** Where a command writes. In JSON mode, standard output carries JSON lines only and the rest goes to stderr. */
export class Terminal {
  readonly json: boolean;
  #live = false;

  constructor(json: boolean) {
    this.json = json;
  }

  /** Say something to a person, on one line or several; what comes from outside goes through `line` first. */
  say(text: string): void {
    this.#endLive();
    (this.json ? process.stderr : process.stdout).write(`${shown(text)}\n`);
  }

  /** Something odd that does not stop the work; one line. */
  warn(text: string): void {
    this.#endLive();
    process.stderr.write(`${pc.yellow("note")} ${line(text)}\n`);
  }

  /** One JSON line, in JSON mode. */
  emit(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value).replace(MOVING, escaped)}\n`);
  }

  /** Rewrite the progress line; nothing where nobody watches. */
  progress(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[K${line(text).slice(0, (process.stderr.columns ?? 100) - 1)}`);
    this.#live = true;
  }

  #endLive(): void {
    if (!this.#live) return;
    process.stderr.write("\r\x1b[K");
    this.#live = false;
  }
}

/** Text from outside, a file's or a person's, as a part of one line: what moves a terminal is shown as a sign in its place. */
export function line(text: string): string {
  return text.replace(MOVING, "\ufffd");
}

/** What may be written on a screen: lines, tabs and our own colours. Whatever else moves a terminal is shown as a sign. */
export function shown(text: string): string {
  const [first, ...others] = text.split(MARKED); // plain text and our colours, in turn
  const plain = (part: string) => part.replace(MOVING, (sign) => (/[\n\t]/.test(sign) ? sign : "\ufffd"));
  return plain(first) + others.map((part, i) => (i % 2 === 0 ? `\x1b${part}` : plain(part))).join("");
}

/** As JSON writes it. */
function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Colour one line of text, from outside or ours. */
export function paint(colour: "bold" | "dim" | "red" | "green" | "yellow" | "cyan", text: string): string {
  return pc[colour](line(text)).replaceAll("\x1b", `\x1b${MARK}`);
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
  return paint(({ good: "green", fair: "yellow", poor: "red" } as const)[verdict], verdict);
}

/** Lines of a table, columns aligned; the first row is its head. No cell breaks its line. */
export function table(uncut: readonly (readonly string[])[]): string {
  const rows = uncut.map((row) => row.map((cell) => cell.replaceAll(/[\n\t]/g, "\ufffd")));
  // colours take no room on the screen
  const width = (cell: string) => cell.replaceAll(MARKED, "").length;
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
