// Where tfjs computes: what is taken, and what is said where a wish cannot be met.
import { UserError } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { findInstallation, isInstalled } from "@neural-string/trainer/native/installation";
import * as tf from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";

const hasNative = isInstalled(findInstallation());

describe("chooseBackend", () => {
  test.each(["wasm", "cpu"] as const)("%s is taken where it is wished for, and computes", async (name) => {
    expect(await chooseBackend(name)).toEqual({ name, notes: [] });
    expect(tf.getBackend()).toBe(name);
    const product = tf.tidy(() => tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0]);
    expect(product).toBe(11);
  });

  test.skipIf(hasNative)("auto falls to wasm, with one line, where tensorflow is not installed", async () => {
    expect(await chooseBackend("auto")).toEqual({
      name: "wasm",
      notes: [
        "backend tensorflow: its native library is not installed (pnpm setup:tfjs-node installs it); going on without it",
      ],
    });
    expect(tf.getBackend()).toBe("wasm");
  });

  test.skipIf(hasNative)("a wish for tensorflow without its library is one sentence", async () => {
    await expect(chooseBackend("tensorflow")).rejects.toThrow(
      new UserError(
        "--backend tensorflow: its native library is not installed (pnpm setup:tfjs-node installs it); leave it out, or use another",
      ),
    );
  });
});
