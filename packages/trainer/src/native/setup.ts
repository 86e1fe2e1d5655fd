/**
 * Makes training on TensorFlow's native library possible. First by tfjs-node's own download; where that cannot be
 * reached, by building its addon against the library inside Python's TensorFlow wheel. `run-setup.ts` calls it.
 */
import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { buildAddon } from "./addon.ts";
import { type Installation, isInstalled } from "./installation.ts";
import { unpackLibrary } from "./wheel.ts";
import { reasonIn, type Work } from "./work.ts";

/** Its own download is given up after this long. */
const DOWNLOAD_SECONDS = 300;

// in a process of its own: a library that crashes takes nothing with it, and this one stays free to replace it
const TRY = `
const tf = require(process.argv[1]);
const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0]);
if (tf.getBackend() !== "tensorflow" || product !== 11) throw new Error("it computes " + product + " instead of 11");
`;

/**
 * Make it work.
 * @throws UserError where it cannot be had here
 */
export async function setUp(installation: Installation, work: Work): Promise<void> {
  if (isInstalled(installation)) {
    const problem = await tryIt(installation, work);
    if (problem === null) return work.say("tfjs-node works already: pnpm train --backend tensorflow");
    work.say(`what is installed does not work (${problem}): installing it anew`);
  }
  clear(installation);
  work.say("trying tfjs-node's own download ...");
  const own = await work.run(process.execPath, ["scripts/install.js"], {
    cwd: installation.package,
    seconds: DOWNLOAD_SECONDS,
  });
  if (!isInstalled(installation)) {
    work.say(`it cannot be reached (${reasonIn(own.output)})`);
    clear(installation);
    await unpackLibrary(installation, work);
    await buildAddon(installation, work);
  }
  const problem = await tryIt(installation, work);
  if (problem !== null) throw new Error(`tfjs-node: installed, but it does not work: ${problem}`);
  work.say("tfjs-node works: pnpm train --backend tensorflow (auto takes it by itself)");
}

async function tryIt({ package: folder }: Installation, work: Work): Promise<string | null> {
  const { status, output } = await work.run(process.execPath, ["-e", TRY, folder]);
  if (status === 0) return null;
  return reasonIn(output);
}

/** What an attempt left behind would be taken for an installation. */
function clear({ addon, libraries }: Installation): void {
  for (const folder of [dirname(addon), dirname(libraries)]) rmSync(folder, { recursive: true, force: true });
}
