/**
 * What a sweep has done, line by line in `journal.jsonl`: only ever appended to, and on the disk before anything is
 * built on it. A line cut short by a crash or a full disk is taken away; every other damage is an error.
 */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { type JournalLine, JournalLineSchema, parseJsonOrExplain } from "@neural-string/shared";
import { explainWriteError } from "../files.ts";

/** An open journal. */
export class Journal {
  readonly #path: string;
  readonly #file: number;
  #length: number;

  private constructor(path: string, file: number, length: number) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
  }

  /**
   * Open a journal, new or old.
   * @returns it, and the lines it has
   * @throws UserError where a line is damaged, or the disk does not let us write
   */
  static open(path: string): { journal: Journal; lines: JournalLine[] } {
    const { lines, length } = readJournal(path);
    try {
      const file = openSync(path, existsSync(path) ? "r+" : "w+");
      ftruncateSync(file, length);
      return { journal: new Journal(path, file, length), lines };
    } catch (error) {
      throw explainWriteError(path, error);
    }
  }

  /** Append a line, and wait until the disk has it. @throws UserError where it cannot; the journal is as before then */
  append(line: JournalLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      // a disk that fills up takes a part
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, this.#length + done);
      fsyncSync(this.#file);
      this.#length += bytes.length;
    } catch (error) {
      ftruncateSync(this.#file, this.#length);
      throw explainWriteError(this.#path, error);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

/**
 * Read a journal.
 * @returns its lines, and how many bytes they take; what follows the last line's end was never finished
 * @throws UserError where a whole line is damaged
 */
export function readJournal(path: string): { lines: JournalLine[]; length: number } {
  if (!existsSync(path)) return { lines: [], length: 0 };
  const bytes = readFileSync(path);
  const length = bytes.lastIndexOf(10) + 1;
  const texts = bytes.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
  const lines = texts.map((text, i) => parseJsonOrExplain(JournalLineSchema, text, `${path}, line ${i + 1}`));
  return { lines, length };
}
