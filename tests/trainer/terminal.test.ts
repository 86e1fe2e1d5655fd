// What a command shows holds names from files that anybody may have made: they cannot move the terminal.
import { line, paint, Terminal, table } from "@neural-string/trainer/terminal";
import { afterEach, describe, expect, test, vi } from "vitest";

// colours are chosen when picocolors is imported
vi.hoisted(() => {
  delete process.env.NO_COLOR;
  process.env.FORCE_COLOR = "1";
});

afterEach(() => vi.restoreAllMocks());

/** What is written to a stream by some work. */
function written(stream: "stdout" | "stderr", work: () => void): string {
  const write = vi.spyOn(process[stream], "write").mockReturnValue(true);
  work();
  const text = write.mock.calls.map(([part]) => part).join("");
  write.mockRestore();
  return text;
}

describe("Terminal", () => {
  const terminal = new Terminal(false);

  test("shows lines, tabs and our own colours as they are", () => {
    const text = `one\n\ttwo ${paint("green", "good")}, é, 弦`;
    expect(written("stdout", () => terminal.say(text))).toBe("one\n\ttwo \x1b[32mgood\x1b[39m, é, 弦\n");
  });

  test("colours nothing that a file would have coloured, even within our own colours", () => {
    const name = "\x1b[31mred";
    expect(written("stdout", () => terminal.say(name))).toBe("\ufffd[31mred\n");
    const bold = written("stdout", () => terminal.say(paint("bold", name)));
    expect(bold).toBe("\x1b[1m\ufffd[31mred\x1b[22m\n");
  });

  test("breaks no line where something from outside would", () => {
    expect(line("a\nb\r\u2028c\td")).toBe("a\ufffdb\ufffd\ufffdc\ufffdd");
    expect(
      table([
        ["a\nb", "c"],
        ["d", paint("red", "e\nf")],
      ]),
    ).toMatch(/^a\ufffdb {2}c\nd {4}\S+31me\ufffdf\S+$/);
    expect(written("stderr", () => terminal.warn("a\nb"))).toContain("a\ufffdb\n");
  });

  test("JSON lines hold no control character either, and say the same", () => {
    const said = { name: "a\x9b2J\x1b[31m\u202eb\nc" };
    const text = written("stdout", () => new Terminal(true).emit(said));
    expect(text).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(text)).toEqual(said);
  });

  test.each([
    ["a title", "a\x1b]0;title\x07b", "a\ufffd]0;title\ufffdb"],
    ["a cleared screen", "a\x1b[2Jb", "a\ufffd[2Jb"],
    ["a line written over", "good\rpoor", "good\ufffdpoor"],
    ["an eight-bit sequence", "a\x9b2Jb", "a\ufffd2Jb"],
    ["a name read backwards", "a\u202evaw.exe", "a\ufffdvaw.exe"],
  ])("shows %s as what it is", (_, said, shown) => {
    expect(written("stdout", () => terminal.say(said))).toBe(`${shown}\n`);
    expect(written("stderr", () => terminal.warn(said))).toContain(shown);
  });
});
