/** Where a run's folder is made: whatever the run is called, a numbered folder lies in the folder for runs. */
import { RUNS } from "../numbered-runs.ts";

/**
 * Find a run's place.
 * @param request exactly the folder that a person names, else a parent (default "runs")
 * @param name the run's, any text
 * @returns what `createRunFolder` takes; a name in it holds letters, digits and dashes only
 */
export function runPlace(
  { runDir, runs }: { runDir?: string; runs?: string },
  kind: string,
  name: string,
): { parent: string; name: string } | { exactly: string } {
  if (runDir !== undefined) return { exactly: runDir };
  const slug = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return { parent: runs ?? RUNS, name: `${kind}-${slug || "string"}` };
}
