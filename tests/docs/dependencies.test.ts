// docs/dependencies.md says why each direct dependency is there, and no more; install scripts are allowed one by one, each
// with a reason.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, readText } from "../support/markdown.ts";

const PACKAGES = ["root", ...readdirSync(join(ROOT, "packages")), "tests"];

function manifestOf(name: string): string {
  if (name === "root") return join(ROOT, "package.json");
  return join(ROOT, name === "tests" ? "tests" : `packages/${name}`, "package.json");
}

/** Who uses what: names of our packages by the name of a dependency. */
function directDependencies(): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const name of PACKAGES) {
    const manifest = JSON.parse(readFileSync(manifestOf(name), "utf8"));
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies };
    for (const dependency of Object.keys(all)) {
      if (dependency.startsWith("@neural-string/")) continue;
      users.set(dependency, [...(users.get(dependency) ?? []), name]);
    }
  }
  return users;
}

/** The table's rows: package, used by, licence, why. */
const rows = [
  ...readText("docs/dependencies.md").matchAll(/^\| `([^`]+)` +\| ([^|]+) \| ([^|]+) \| ([^|]*) \|$/gm),
].map(([, name, users, licence, why]) => ({
  name,
  users: users.trim().split(", "),
  licence: licence.trim(),
  why: why.trim(),
}));

describe("docs/dependencies.md", () => {
  test("has a line for each direct dependency, with who uses it, and no other; in order", () => {
    const told = new Map(rows.map(({ name, users }) => [name, users.toSorted()]));
    const real = new Map([...directDependencies()].map(([name, users]) => [name, users.toSorted()]));
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(real));
    expect(rows.map(({ name }) => name)).toEqual([...told.keys()].sort());
    for (const { name, why } of rows) expect(why.length, `${name}: why`).toBeGreaterThan(12);
  });

  test("names each one's licence as the package does, and none that would bind what uses it", () => {
    for (const { name, users, licence } of rows) {
      const { resolve } = createRequire(manifestOf(users[0]));
      const folders = resolve.paths(name) ?? [];
      const found = folders
        .map((folder) => join(folder, name, "package.json"))
        .find((file) => {
          try {
            return readFileSync(file);
          } catch {
            return false;
          }
        });
      // an optional one may not be there
      if (found === undefined) continue;
      expect(JSON.parse(readFileSync(found, "utf8")).license, name).toBe(licence);
      expect(licence, name).toMatch(/^(MIT|ISC|Apache-2\.0|MIT OR Apache-2\.0|BSD-[23]-Clause|MPL-2\.0)$/);
    }
  });
});

test("pnpm-workspace.yaml gives a reason for each install script, whether it is allowed or not", () => {
  const yaml = readText("pnpm-workspace.yaml");
  const named = yaml.match(/^allowBuilds:\n((?: {2}\S.*\n)+)/m)?.[1] ?? "";
  const scripts = [...named.matchAll(/^ {2}"?([^":]+)"?: (true|false)$/gm)];
  expect(scripts.length).toBeGreaterThan(0);
  expect(scripts).toHaveLength(named.trim().split("\n").length);
  for (const [, name] of scripts)
    expect(yaml, `${name}: a reason`).toMatch(new RegExp(`^# - ${name}: \\S.{8,}`, "m"));
});
