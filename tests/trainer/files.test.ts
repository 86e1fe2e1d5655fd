// Writing whole files, and what is said where that fails.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "@neural-string/shared";
import {
  appendJsonLine,
  ensureFolder,
  explainWriteError,
  readWhole,
  writeJson,
  writeWhole,
} from "@neural-string/trainer/files";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const message = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message.replaceAll(`${folder}/`, "");
  }
  return "no error";
};

describe("writeWhole", () => {
  test("bytes and text arrive as they are, and nothing else is in the folder", () => {
    mkdirSync(file("out"));
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i);
    writeWhole(file("out/bytes"), bytes);
    writeWhole(file("out/bytes"), bytes.subarray(5, 70_000));
    writeWhole(file("out/text"), "ä€𝄞\n");
    expect(readFileSync(file("out/bytes")).equals(bytes.subarray(5, 70_000))).toBe(true);
    expect(readFileSync(file("out/text"), "utf8")).toBe("ä€𝄞\n");
    expect(readdirSync(file("out"))).toEqual(["bytes", "text"]);
  });

  test("a folder or a part of the path that is a file is one sentence, and stays as it was", () => {
    mkdirSync(file("there"));
    writeFileSync(file("plain"), "kept");
    expect(
      ["there", "plain/x", "none/x"].map((name) => message(() => writeWhole(file(name), "new"))),
    ).toMatchInlineSnapshot(`
      [
        "there: cannot be written: it is a folder; name a file",
        "plain/x: cannot be written: a part of its path is a file; choose another folder",
        "none/x: cannot be written: its folder does not exist; make it first",
      ]
    `);
    expect(readdirSync(file("there"))).toEqual([]);
    expect(readFileSync(file("plain"), "utf8")).toBe("kept");
  });

  test("a circle of links and a name too long are one sentence", () => {
    symlinkSync(file("round"), file("about"));
    symlinkSync(file("about"), file("round"));
    const long = "a".repeat(300);
    expect(
      [file("round"), file(long)].map((path) => message(() => writeWhole(path, "x")).replace(long, "LONG")),
    ).toMatchInlineSnapshot(`
      [
        "round: cannot be written: its links lead round in a circle; choose another name",
        "LONG: cannot be written: its name is too long; choose a shorter one",
      ]
    `);
  });

  test.skipIf(!existsSync("/dev/null"))("a device is not replaced by a file", () => {
    symlinkSync("/dev/null", file("device"));
    expect(message(() => writeWhole(file("device"), "x"))).toMatchInlineSnapshot(
      `"device: cannot be written: it is not an ordinary file; name another"`,
    );
    expect(statSync(file("device")).isCharacterDevice()).toBe(true);
  });

  test.skipIf(!existsSync("/dev/full"))("a full disk is one sentence", () => {
    // a device that is always full: appending needs no rename
    expect(message(() => appendJsonLine("/dev/full", {}))).toMatchInlineSnapshot(
      `"/dev/full: cannot be written: no space left on the disk; free some, then go on"`,
    );
  });
});

describe("writeJson", () => {
  test("is indented for people and ends with a line break", () => {
    writeJson(file("a.json"), { a: [1] });
    expect(readFileSync(file("a.json"), "utf8")).toBe('{\n  "a": [\n    1\n  ]\n}\n');
  });
});

describe("appendJsonLine", () => {
  test("adds one line", () => {
    appendJsonLine(file("log"), { a: 1 });
    appendJsonLine(file("log"), { b: "x\ny" });
    expect(readFileSync(file("log"), "utf8")).toBe('{"a":1}\n{"b":"x\\ny"}\n');
  });
});

describe("explainWriteError", () => {
  test("says what a person can do about it; what nobody can mend stays as it is", () => {
    const explained = (code: string) => explainWriteError("x", Object.assign(new Error("raw"), { code }));
    expect(
      ["ENOSPC", "EDQUOT", "EROFS", "EACCES"].map((code) => (explained(code) as Error).message),
    ).toMatchInlineSnapshot(`
      [
        "x: cannot be written: no space left on the disk; free some, then go on",
        "x: cannot be written: your disk quota is used up; free some space, then go on",
        "x: cannot be written: the folder is read-only; choose another",
        "x: cannot be written: you may not write there; choose another folder",
      ]
    `);
    expect(explained("EIO")).not.toBeInstanceOf(UserError);
  });
});

describe("ensureFolder", () => {
  test("makes those above it, takes one that is there, and says what stands in the way", () => {
    ensureFolder(file("some/folders/deep"));
    ensureFolder(file("some/folders/deep"));
    expect(statSync(file("some/folders/deep")).isDirectory()).toBe(true);
    writeFileSync(file("no-folder"), "");
    expect(
      ["no-folder", "no-folder/x"].map((name) => message(() => ensureFolder(file(name)))),
    ).toMatchInlineSnapshot(`
      [
        "no-folder: cannot be written: a part of its path is a file; choose another folder",
        "no-folder/x: cannot be written: a part of its path is a file; choose another folder",
      ]
    `);
  });

  test.skipIf(!existsSync("/proc/self"))("returns where nothing can ever be made", () => {
    expect(message(() => ensureFolder("/proc/none/x"))).toMatch(/^\/proc\/none\/x: cannot be written: /);
  });
});

describe("readWhole", () => {
  test("names what it expected and what is there", () => {
    expect(
      [message(() => readWhole(file("none"), "a model")), message(() => readWhole(folder, "a model"))].map(
        (text) => text.replaceAll(folder, "FOLDER"),
      ),
    ).toMatchInlineSnapshot(`
      [
        "none: expected a model, got nothing there; check the path",
        "FOLDER: expected a model, got a folder; check the path",
      ]
    `);
  });

  test("says in our own words what the system or Node has against a path", () => {
    writeFileSync(file("a-file"), "");
    symlinkSync("itself", file("itself"));
    const paths = ["a-file/x", "itself", "a".repeat(300), "\0"];
    expect(
      paths.map((path) => message(() => readWhole(file(path), "a model")).replace(/a{300}/, "LONG")),
    ).toMatchInlineSnapshot(`
      [
        "a-file/x: expected a model, got nothing there (a part of its path is a file); check the path",
        "itself: expected a model, got links that lead round in a circle; check the path",
        "LONG: expected a model, got a name that is too long; check the path",
        " : expected a model, got a name with the character U+0000 in it; check the path",
      ]
    `);
    expect(message(() => writeWhole(file("\0"), "x"))).toMatchInlineSnapshot(
      `" : cannot be written: its name has the character U+0000 in it; choose another"`,
    );
  });

  test.skipIf(!existsSync("/dev/zero"))("a device, which may never end, is not read", () => {
    expect(message(() => readWhole("/dev/zero", "a model"))).toMatchInlineSnapshot(
      `"/dev/zero: expected a model, got what is not an ordinary file; save it first"`,
    );
  });
});
