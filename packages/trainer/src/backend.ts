/**
 * Chooses where tfjs computes: TensorFlow's native library if it is installed and works, else WASM, else plain
 * JavaScript. What was chosen is printed and recorded, because it decides speed and the last bits.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { type TrainConfig, UserError } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";

type Wish = TrainConfig["training"]["backend"];

/** A backend that is ready, and what to tell about it. */
export interface ChosenBackend {
  name: "tensorflow" | "wasm" | "cpu";
  /** Why a faster one was not taken, one sentence each. */
  notes: string[];
}

/**
 * Make a backend ready.
 * @param wish "auto" tries tensorflow, wasm, cpu in this order; a name insists
 * @throws UserError when the wished backend does not work here
 */
export async function chooseBackend(wish: Wish): Promise<ChosenBackend> {
  tf.enableProdMode(); // and no advice on the screen
  const notes: string[] = [];
  for (const name of wish === "auto" ? (["tensorflow", "wasm", "cpu"] as const) : [wish]) {
    const problem = await START[name]();
    if (problem === null) return { name, notes };
    if (wish !== "auto") throw new UserError(`--backend ${name}: ${problem}; leave it out, or use another`);
    // most people do not have it: only a broken installation is worth a line
    if (problem !== NOT_INSTALLED) notes.push(`backend ${name}: ${problem}; going on without it`);
  }
  throw new UserError(`no tfjs backend works here: ${notes.join("; ")}`);
}

const NOT_INSTALLED = "its native library is not installed (pnpm rebuild @tensorflow/tfjs-node downloads it)";

/** Start a backend. @returns what is wrong, or null */
const START: Record<"tensorflow" | "wasm" | "cpu", () => Promise<string | null>> = {
  async tensorflow() {
    const require = createRequire(import.meta.url);
    let folder: string;
    try {
      folder = dirname(require.resolve("@tensorflow/tfjs-node/package.json"));
    } catch {
      return NOT_INSTALLED;
    }
    if (!existsSync(join(folder, "lib", "napi-v8", "tfjs_binding.node"))) return NOT_INSTALLED;
    if (Number(process.versions.node.split(".")[0]) > 22) {
      return `tfjs-node 4.22 does not work on Node ${process.versions.node}, only up to 22`;
    }
    try {
      require("@tensorflow/tfjs-node");
      return (await tf.setBackend("tensorflow")) ? null : "it could not be started";
    } catch (error) {
      return (error as Error).message.split("\n")[0];
    }
  },
  async wasm() {
    try {
      const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
      const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm/package.json");
      setWasmPaths(join(dirname(entry), "wasm-out") + sep);
      return (await tf.setBackend("wasm")) ? null : "it could not be started";
    } catch (error) {
      return (error as Error).message.split("\n")[0];
    }
  },
  async cpu() {
    return (await tf.setBackend("cpu")) ? null : "it could not be started";
  },
};
