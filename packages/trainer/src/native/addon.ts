/**
 * Builds tfjs-node's own C++ addon with the machine's compiler, against an unpacked library and Node-API's headers
 * from their npm package: neither node-gyp nor a download of Node's headers takes part.
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { type Installation, NODE_API } from "./installation.ts";
import { LIBRARIES } from "./wheel.ts";
import { reasonIn, type Work } from "./work.ts";

/**
 * Compile the addon.
 * @throws UserError where there is no compiler
 * @throws Error where it does not compile: a defect of ours, with all that the compiler said
 */
export async function buildAddon(
  { package: folder, addon, libraries, headers }: Installation,
  work: Work,
): Promise<void> {
  const { include_dir: nodeHeaders } = createRequire(import.meta.url)("node-api-headers") as {
    include_dir: string;
  };
  mkdirSync(dirname(addon), { recursive: true });
  work.say("compiling the addon (half a minute) ...");
  const { status, output } = await work.run("g++", [
    ...["-shared", "-fPIC", "-std=c++17", "-O2", "-w", `-DNAPI_VERSION=${NODE_API}`],
    ...["-I", nodeHeaders, "-I", headers, "-I", folder],
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(folder, "binding", name)),
    ...["-L", libraries, ...LIBRARIES.map((name) => `-l:${name}`)],
    // found from where the addon lies, wherever the folder is
    "-Wl,-rpath,$ORIGIN/../../deps/lib",
    ...["-o", addon],
  ]);
  if (status === 0) return;
  if (status === null) {
    throw new UserError(
      `tfjs-node: g++ could not be started (${reasonIn(output)}); install a C++ compiler and try again`,
    );
  }
  throw new Error(`tfjs-node: its addon does not compile:\n${output}`);
}
