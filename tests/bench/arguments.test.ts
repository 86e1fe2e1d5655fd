// What the command line may say.
import { describe, expect, test } from "vitest";
import { HELP, readArguments } from "./arguments.ts";
import { ENGINES, WORKLOADS } from "./schema.ts";

describe("readArguments", () => {
  test("nothing said: all of it, no files", () => {
    expect(readArguments([])).toEqual({
      ...{ help: false, workloads: WORKLOADS, engines: ENGINES, seconds: 120, json: null, curves: false },
      ...{ profile: false, cpuProfiles: null, docs: false, from: null, offline: false, python: "python3" },
    });
  });

  test("lists are read in the tables' order, from one option or several", () => {
    const { workloads, engines } = readArguments([
      "--workload",
      "rollout,passive",
      "--engine",
      "js",
      "--engine",
      "relaxed",
    ]);
    expect(workloads).toEqual(["passive", "rollout"]);
    expect(engines).toEqual(["relaxed", "js"]);
  });

  test("the docs take curves and profiles, and keeping profiles makes them", () => {
    expect(readArguments(["--docs"])).toMatchObject({ curves: true, profile: true });
    expect(readArguments(["--cpu-profiles", "out"])).toMatchObject({ profile: true, cpuProfiles: "out" });
  });

  test.each([
    [["--engine", "simd,abacus"], `--engine: expected some of ${ENGINES.join(", ")}, got abacus`],
    [["--workload", ""], /^--workload: expected some of .*, got nothing$/],
    [["--seconds", "0"], "--seconds: expected a number above 0, got 0"],
    [["--seconds", "soon"], "--seconds: expected a number above 0, got soon"],
    [
      ["--docs", "--engine", "simd"],
      /^--docs: expected a whole run, got --workload or --engine; leave these out$/,
    ],
    [["--sideways"], /--sideways.*--help lists the options$/],
    [["mlp"], /--help lists the options$/],
    [["--json"], /--json.*--help lists the options$/],
  ])("%j is refused", (words, message) => {
    expect(() => readArguments(words)).toThrow(message);
  });

  test("--help names every option, workload and engine", () => {
    for (const name of [...WORKLOADS, ...ENGINES]) expect(HELP).toContain(name);
    for (const option of ["workload", "engine", "seconds", "json", "curves", "profile", "cpu-profiles"])
      expect(HELP).toContain(`--${option}`);
    for (const option of ["docs", "from", "offline", "python", "help"]) expect(HELP).toContain(`--${option}`);
  });
});
