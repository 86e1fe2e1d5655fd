// What a command shows holds names from files that anybody may have made: they cannot move the terminal.
import { Terminal } from "@neural-string/trainer/terminal";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => vi.restoreAllMocks());

/** What is written to a stream by some work. */
function written(stream: "stdout" | "stderr", work: () => void): string {
  const write = vi.spyOn(process[stream], "write").mockReturnValue(true);
  work();
  return write.mock.calls.map(([text]) => text).join("");
}

describe("Terminal", () => {
  const terminal = new Terminal(false);

  test("shows lines, tabs and colours as they are", () => {
    const text = "one\n\ttwo \x1b[32mgood\x1b[39m, é, 弦";
    expect(written("stdout", () => terminal.say(text))).toBe(`${text}\n`);
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
