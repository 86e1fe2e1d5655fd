// Installing TensorFlow's native library, with other programs played by a script: what is tried, in which order, and
// what is said where it cannot be had. That it really works is tensorflow.test.ts's to show.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { installationIn, nodeProblem } from "@neural-string/trainer/native/installation";
import { setUp } from "@neural-string/trainer/native/setup";
import { type Finished, reasonIn, type Work } from "@neural-string/trainer/native/work";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfjs-node-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const OK: Finished = { status: 0, output: "" };
const failed = (output: string): Finished => ({ status: 1, output });

type Step = "download" | "pip" | "unpack" | "compile" | "try";

/** Other programs by their part; each does what its entry says, and the steps are written down. */
function scripted(parts: Partial<Record<Step, () => Finished>>) {
  const steps: Step[] = [];
  const said: string[] = [];
  const place = installationIn(folder);
  const put = (path: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  };
  const usual: Record<Step, () => Finished> = {
    download: () => failed("trying\nError: getaddrinfo ENOTFOUND\nNode.js v22.0.0"),
    pip: () => OK,
    unpack: () => {
      put(join(place.libraries, "libtensorflow_cc.so.2"));
      return OK;
    },
    compile: () => {
      put(place.addon);
      return OK;
    },
    try: () => OK,
  };
  const work: Work = {
    say: (text) => void said.push(text),
    run: async (command, words) => {
      const step: Step =
        command === "g++"
          ? "compile"
          : command === "python3"
            ? words.includes("pip")
              ? "pip"
              : "unpack"
            : words.includes("-e")
              ? "try"
              : "download";
      steps.push(step);
      if (step === "pip") writeFileSync(join(words[words.indexOf("--dest") + 1], "tensorflow.whl"), "");
      return (parts[step] ?? usual[step])();
    },
  };
  return { steps, said, work, place, put };
}

describe.skipIf(process.platform !== "linux")("setUp", () => {
  test("where its own download cannot be reached, the addon is built against the wheel's library", async () => {
    const { steps, said, work, place } = scripted({});
    await setUp(place, work);
    expect(steps).toEqual(["download", "pip", "unpack", "compile", "try"]);
    expect(said).toContain("it cannot be reached (Error: getaddrinfo ENOTFOUND)");
    expect(said.at(-1)).toMatch(/^tfjs-node works/);
  });

  test("its own download is enough where it can be reached", async () => {
    const scene = scripted({
      download: () => {
        scene.put(scene.place.addon);
        return OK;
      },
    });
    await setUp(scene.place, scene.work);
    expect(scene.steps).toEqual(["download", "try"]);
  });

  test("what works is left alone; what does not is installed anew", async () => {
    const sound = scripted({});
    sound.put(sound.place.addon);
    await setUp(sound.place, sound.work);
    expect(sound.steps).toEqual(["try"]);

    let tries = 0;
    const broken = scripted({ try: () => (tries++ === 0 ? failed("Error: cannot open") : OK) });
    await setUp(broken.place, broken.work);
    expect(broken.steps).toEqual(["try", "download", "pip", "unpack", "compile", "try"]);
    expect(broken.said[0]).toBe("what is installed does not work (Error: cannot open): installing it anew");
  });

  test.each([
    [
      "pip",
      failed("ERROR: No matching distribution"),
      /pip could not fetch .*ERROR: No matching distribution/,
    ],
    [
      "pip",
      { status: null, output: "spawn python3 ENOENT" },
      /spawn python3 ENOENT.*; install python3 with pip/,
    ],
    ["unpack", failed("OSError: No space left on device"), /could not be unpacked .*make room/],
    [
      "compile",
      { status: null, output: "spawn g++ ENOENT" },
      /g\+\+ could not be started .*install a C\+\+ compiler/,
    ],
  ] as const)(
    "without %s it is one sentence, and nothing is left that looks installed",
    async (part, end, message) => {
      const { work, place } = scripted({ [part]: () => end });
      const error = await setUp(place, work).then(
        () => null,
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(UserError);
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain("\n");
      expect(existsSync(place.addon)).toBe(false);
    },
  );

  test("an addon that does not compile is a defect of ours, with all that the compiler said", async () => {
    const { work, place } = scripted({ compile: () => failed("tfjs_backend.cc:1: error\nand more") });
    const error = await setUp(place, work).catch((reason) => reason);
    expect(error).not.toBeInstanceOf(UserError);
    expect(error.message).toContain("and more");
  });
});

describe("nodeProblem", () => {
  test("Node 23 and newer are refused by their version", () => {
    expect(nodeProblem("22.23.3")).toBeNull();
    expect(nodeProblem("20.1.0")).toBeNull();
    expect(nodeProblem("23.0.0")).toBe("tfjs-node 4.22 does not work on Node 23.0.0, only up to 22");
  });
});

describe("reasonIn", () => {
  test("finds the line that speaks of an error, else the last one", () => {
    expect(reasonIn("a\n  Error: b\nc\n")).toBe("Error: b");
    expect(reasonIn("a\nc\n\n")).toBe("c");
    expect(reasonIn("")).toBe("no word of why");
  });
});
