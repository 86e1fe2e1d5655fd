/**
 * `pnpm setup:tfjs-node`. Exit code 0: it works. 2: it cannot be had here, for the reason given in one line. 1: a defect
 * of ours.
 */
import { UserError } from "@neural-string/shared";
import { findInstallation, nodeProblem } from "./installation.ts";
import { setUp } from "./setup.ts";
import { realWork } from "./work.ts";

async function main(): Promise<number> {
  try {
    const node = nodeProblem();
    if (node !== null) throw new UserError(`${node}; use that, or the wasm backend`);
    const installation = findInstallation();
    if (installation === null) {
      throw new UserError("tfjs-node: the package is not installed; run pnpm install without --no-optional");
    }
    await setUp(
      installation,
      realWork((text) => process.stdout.write(`${text}\n`)),
    );
    return 0;
  } catch (error) {
    const isTheirs = error instanceof UserError;
    process.stderr.write(`${isTheirs ? error.message : (error as Error).stack}\n`);
    return isTheirs ? 2 : 1;
  }
}

process.exitCode = await main();
