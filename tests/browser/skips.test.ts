// Browser tests skip with a reason on somebody's own machine, and never in continuous integration.
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type DebianProgram, debianProgram } from "../support/debian-program.ts";

const NOWHERE: DebianProgram = {
  name: "Netscape",
  program: "no-such-browser",
  variable: "NO_SUCH_BROWSER_PATH",
};

beforeEach(() => {
  // as if it had been tried a moment ago, so that no package server is asked
  writeFileSync(join(tmpdir(), `neural-string-no-${NOWHERE.program}`), "");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("where a browser is missing and nobody may install it, that is the reason", () => {
  vi.stubEnv("CI", "");
  const { path, reason } = debianProgram(NOWHERE, false);
  expect(path).toBeUndefined();
  expect(reason).toMatch(/^no Netscape.*set NO_SUCH_BROWSER_PATH to where it is$/);
});

test("where installing failed, that is the reason", () => {
  vi.stubEnv("CI", "");
  expect(debianProgram(NOWHERE, true).reason).toMatch(/^no Netscape/);
});

test("in continuous integration it is a failure", () => {
  vi.stubEnv("CI", "true");
  expect(() => debianProgram(NOWHERE, false)).toThrow(
    /^browser tests never skip in continuous integration: no Netscape/,
  );
});

test("the environment says where one is", () => {
  vi.stubEnv(NOWHERE.variable, process.execPath);
  expect(debianProgram(NOWHERE, false)).toEqual({ path: process.execPath });
});
