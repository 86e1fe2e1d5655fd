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
  return new Core(readBuild(build));
}

/**
 * Compile the train build that goes with the core's: relaxed, or simd where that or scalar is wished for.
 * @throws UserError when it has not been made
 */
export function loadTrainModule(build: Build = wishedBuild()): WebAssembly.Module {
  return new WebAssembly.Module(readBuild(build === "relaxed" ? "train-relaxed" : "train-simd"));
}

function readBuild(name: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${name}.wasm`)));
  } catch {
    throw new UserError(`core-wasm: the ${name} build is missing; run pnpm build`);
  }
}
