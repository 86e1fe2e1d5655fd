/**
 * Chooses where tfjs computes: TensorFlow's native library if it is installed and works, else WASM, else plain
 * JavaScript. What was chosen is printed and recorded, because it decides speed and the last bits.
 */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { type TrainConfig, UserError } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs";
import { findInstallation, isInstalled, nodeProblem } from "./native/installation.ts";

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
    notes.push(`backend ${name}: ${problem}; going on without it`);
  }
  throw new UserError(`no tfjs backend works here: ${notes.join("; ")}`);
}

const NOT_INSTALLED = "its native library is not installed (pnpm setup:tfjs-node installs it)";

/** Start a backend. @returns what is wrong, or null */
const START: Record<"tensorflow" | "wasm" | "cpu", () => Promise<string | null>> = {
  async tensorflow() {
    const installation = findInstallation();
    if (!isInstalled(installation)) return NOT_INSTALLED;
    const problem = nodeProblem();
    if (problem !== null) return problem;
    // what TensorFlow says of processors and plug-ins is no news to anybody; errors are still told
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
    // nor that tfjs-node calls what Node 23 has taken away: nodeProblem has looked at that
    process.noDeprecation = true;
    try {
      createRequire(import.meta.url)("@tensorflow/tfjs-node");
      return (await tf.setBackend("tensorflow")) ? null : "it could not be started";
    } catch (error) {
      return `${(error as Error).message.split("\n")[0]} (pnpm setup:tfjs-node mends it)`;
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
