/** The builds that a training needs, where the bundler put them: the core's, which plays, and the train build. */
import { bestBuild } from "@neural-string/core-wasm";
import relaxed from "@neural-string/core-wasm/relaxed.wasm?url";
import simd from "@neural-string/core-wasm/simd.wasm?url";
import trainRelaxed from "@neural-string/core-wasm/train-relaxed.wasm?url";
import trainSimd from "@neural-string/core-wasm/train-simd.wasm?url";
import { UserError } from "@neural-string/shared";

const BUILDS = {
  relaxed: { core: relaxed, train: trainRelaxed },
  simd: { core: simd, train: trainSimd },
};

/**
 * Fetch and compile the fastest builds that this browser accepts: those that `pnpm train` takes on the same machine.
 * @throws UserError where it accepts none; Error where the site does not give them
 */
export async function trainingModules(): Promise<{ core: WebAssembly.Module; train: WebAssembly.Module }> {
  const build = bestBuild();
  if (build === "scalar") {
    throw new UserError("This browser has no WebAssembly SIMD, which training needs; use a newer one");
  }
  const [core, train] = await Promise.all(Object.values(BUILDS[build]).map(fetchModule));
  return { core, train };
}

async function fetchModule(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: the server answered ${response.status}; reload the page`);
  return WebAssembly.compile(await response.arrayBuffer());
}
