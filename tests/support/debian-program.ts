/**
 * Browsers for tests, and what they need, as Debian has them: found on this machine, or installed where the user may.
 * Without one the tests that need it are skipped with a reason; in continuous integration (CI is set) that is a failure.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface DebianProgram {
  /** As it is called in sentences. */
  name: string;
  /** The package, and the program in it. */
  program: string;
  /** Of the environment: where the program is, if it is nowhere else. */
  variable: string;
}

/** Undefined where it is not, or is no file. */
function found({ program, variable }: DebianProgram): string | undefined {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  return [process.env[variable] ?? "", ...folders.map((folder) => join(folder, program))].find(existsSync);
}

/** Why it cannot be installed here; undefined = it can. */
function obstacle({ name, variable }: DebianProgram): string | undefined {
  const set = `set ${variable} to where it is`;
  if (!existsSync("/usr/bin/apt-get")) return `no ${name}, and no apt-get to install it with; ${set}`;
  if (process.getuid?.() !== 0) return `no ${name}, and only root may install it; ${set}`;
  return undefined;
}

// Test files run side by side: one installs, the others wait and find it. What failed is not tried again by each of them.
const INSTALL = `
command -v "$1" >/dev/null && exit 0
[ -n "$(find "$2" -mmin -10 2>/dev/null)" ] && exit 1
apt-get update -q && apt-get install -y -q --no-install-recommends "$1" && exit 0
touch "$2"
exit 1
`;

/** @returns why it was not installed */
function install({ name, program }: DebianProgram): string | undefined {
  const mark = join(tmpdir(), `neural-string-no-${program}`);
  try {
    execFileSync("flock", [`${mark}.lock`, "sh", "-c", INSTALL, "sh", program, mark], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      timeout: 600_000,
    });
    return undefined;
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: Buffer | string; message: string };
    const last = `${stderr}`.trim().split("\n").at(-1) || message;
    return `no ${name}, and it was not installed: ${last}`;
  }
}

/**
 * Find a program.
 * @param mayInstall whether it is worth a download on a machine of somebody's own
 * @returns its path, or why there is none
 * @throws Error where there is none in continuous integration
 */
export function debianProgram(
  wanted: DebianProgram,
  mayInstall: boolean,
): { path: string; reason?: undefined } | { path?: undefined; reason: string } {
  const path = found(wanted);
  if (path !== undefined) return { path };
  const { name, program, variable } = wanted;
  const absent = `no ${name}; install ${program}, or set ${variable} to where it is`;
  const reason = obstacle(wanted) ?? (mayInstall || process.env.CI ? install(wanted) : absent);
  const installed = found(wanted);
  if (installed !== undefined) return { path: installed };
  if (process.env.CI)
    throw new Error(`browser tests never skip in continuous integration: ${reason ?? absent}`);
  return { reason: reason ?? absent };
}
