/** Loads a build of the WASM core from disk, for everything in the trainer that plays or gathers. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BUILDS, type Build, bestBuild, Core } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";

/** The build that NEURAL_STRING_BUILD names, else the fastest this Node runs. @throws UserError for another name */
function wishedBuild(): Build {
  const wish = process.env.NEURAL_STRING_BUILD;
  if (!wish) return bestBuild();
  const build = BUILDS.find((name) => name === wish);
  if (build === undefined) {
    throw new UserError(
      `NEURAL_STRING_BUILD: expected one of ${BUILDS.join(", ")}, got ${wish}; correct or unset it`,
    );
  }
  return build;
}

/**
 * Instantiate the core.
 * @throws UserError when the build has not been made
 */
export function loadCore(build: Build = wishedBuild()): Core {
  const path = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${build}.wasm`));
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new UserError(`core-wasm: the ${build} build is missing; run pnpm build`);
  }
  return new Core(bytes);
}
