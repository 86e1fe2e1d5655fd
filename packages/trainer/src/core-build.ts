/** Loads a build of the WASM core from disk, for everything in the trainer that plays or gathers. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Build, bestBuild, Core } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";

/**
 * Instantiate the core.
 * @param build default: the fastest this Node runs; NEURAL_STRING_BUILD names another
 * @throws UserError when the build has not been made
 */
export function loadCore(build: Build = (process.env.NEURAL_STRING_BUILD as Build) || bestBuild()): Core {
  const path = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`));
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new UserError(`core-wasm: the ${build} build is missing; run pnpm build`);
  }
  return new Core(bytes);
}
