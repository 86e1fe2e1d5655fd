// Where tfjs computes: what is taken, and what is said where a wish cannot be met.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/audio-files.ts";

/** Whether TensorFlow's native library is installed here: most machines do not have it. */
function hasNative(): boolean {
  try {
    const require = createRequire(join(repositoryRoot, "packages/trainer/package.json"));
    const folder = dirname(require.resolve("@tensorflow/tfjs-node/package.json"));
    return existsSync(join(folder, "lib/napi-v8/tfjs_binding.node"));
  } catch {
    return false;
  }
}

describe("chooseBackend", () => {
  test.each(["wasm", "cpu"] as const)("%s is taken where it is wished for, and computes", async (name) => {
    expect(await chooseBackend(name)).toEqual({ name, notes: [] });
    expect(tf.getBackend()).toBe(name);
    const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0]);
    expect(product).toBe(11);
  });

  test.skipIf(hasNative())(
    "auto falls to wasm without a word where tensorflow is not installed",
    async () => {
      expect(await chooseBackend("auto")).toEqual({ name: "wasm", notes: [] });
      expect(tf.getBackend()).toBe("wasm");
    },
  );

  test.skipIf(hasNative())("a wish for tensorflow without its library is one sentence", async () => {
    await expect(chooseBackend("tensorflow")).rejects.toThrow(
      new UserError(
        "--backend tensorflow: its native library is not installed (pnpm rebuild @tensorflow/tfjs-node downloads it); leave it out, or use another",
      ),
    );
  });
});
