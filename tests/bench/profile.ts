/**
 * Where the time goes: V8's sampling profiler (`node --cpu-prof`) over a workload that runs for some seconds. The
 * shipped builds carry no function names, so one is compiled again with the same options and names kept, and what runs
 * must be the same to the byte: the profile is the shipped code's.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "@neural-string/shared";
import { compile, type TARGETS } from "../../packages/core-wasm/build.ts";
import type { Profile, WorkloadName } from "./schema.ts";
import { codeSection } from "./wasm-sections.ts";

/** What is profiled: a network, a wide one, and both passive strings. */
export const PROFILED = [
  "mlp-14-64-64-1",
  "mlp-84-256-1",
  "passive",
  "passive-linear",
] as const satisfies WorkloadName[];

const CHILD = fileURLToPath(new URL("profiled.ts", import.meta.url));
const MICROSECONDS = 200;
/** The function of profiled.ts that runs the workload; what comes before it is setting up. */
const LOOP = "playProfiled";
/** Functions that get a row; the rest is one more. */
const ROWS = 6;

/** What is read of a .cpuprofile. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  /** A node for each sample. */
  samples: number[];
}

/**
 * Profile workloads on a build.
 * @param wanted those of `PROFILED` among them
 * @param keep folder for the .cpuprofile files, which Chromium's DevTools open; null = they are not kept
 * @throws Error where the build with names is other code than the shipped one
 */
export async function profileWorkloads(
  wanted: readonly WorkloadName[],
  build: keyof typeof TARGETS,
  seconds: number,
  keep: string | null,
  progress: (text: string) => void,
): Promise<Profile[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
  try {
    const wasm = await compileWithNames(build, folder);
    return PROFILED.filter((name) => wanted.includes(name)).map((workload) => {
      progress(`profile: ${workload}`);
      const out = keep === null ? join(folder, workload) : join(keep, workload);
      mkdirSync(out, { recursive: true });
      const flags = ["--cpu-prof", `--cpu-prof-dir=${out}`, `--cpu-prof-interval=${MICROSECONDS}`];
      const { status, stderr } = spawnSync(
        process.execPath,
        [...flags, CHILD, workload, wasm, String(seconds)],
        { encoding: "utf8" },
      );
      if (status !== 0) throw new Error(`profile of ${workload}: ${stderr.trim().split("\n").at(-1)}`);
      const [file] = readdirSync(out)
        .filter((name) => name.endsWith(".cpuprofile"))
        .toSorted()
        .slice(-1);
      return { workload, binary: build, ...summarise(JSON.parse(readFileSync(join(out, file), "utf8"))) };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compile a build once more, its functions' names kept. @returns the file */
async function compileWithNames(build: keyof typeof TARGETS, folder: string): Promise<string> {
  const file = join(folder, "named.wasm");
  await compile(build, file, ["--debug"]);
  const shipped = readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`)));
  if (!Buffer.from(codeSection(readFileSync(file))).equals(codeSection(shipped))) {
    throw new UserError(`${build}.wasm: is other code than its sources make with names kept; run pnpm build`);
  }
  return file;
}

/** How a function is called: a kernel by its file and name. */
function nameOf({ functionName, url }: CpuProfile["nodes"][number]["callFrame"]): string {
  return url.startsWith("wasm:") ? functionName.replace(/^assembly\//, "") : "JavaScript";
}

/**
 * Count the samples of what ran below `profiled.ts`'s own loop: the wasm functions by their names, all else of it, the
 * public API's JavaScript, together.
 * @throws Error where there are none
 */
export function summarise({ nodes, samples }: CpuProfile): Pick<Profile, "samples" | "functions"> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const names = new Map<number, string>();
  const visit = ({ id, callFrame, children = [] }: CpuProfile["nodes"][number], isBelow: boolean) => {
    const isInside = isBelow || callFrame.functionName === LOOP;
    if (isInside) names.set(id, nameOf(callFrame));
    for (const child of children) visit(byId.get(child) as CpuProfile["nodes"][number], isInside);
  };
  visit(nodes[0], false); // the root comes first
  const counts = new Map<string, number>();
  let total = 0;
  for (const id of samples) {
    const name = names.get(id);
    if (name === undefined) continue;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    total++;
  }
  if (total === 0) throw new Error("profile: there are no samples of what was to be watched");
  const ordered = [...counts].sort(([, a], [, b]) => b - a);
  const rest = ordered.slice(ROWS).reduce((sum, [, count]) => sum + count, 0);
  const rows = [...ordered.slice(0, ROWS), ...(rest > 0 ? [["all others", rest] as [string, number]] : [])];
  return { samples: total, functions: rows.map(([name, count]) => ({ name, share: count / total })) };
}
