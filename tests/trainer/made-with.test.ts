// What a result was made with.
import { gitState, versions } from "@neural-string/trainer/made-with";
import { describe, expect, test } from "vitest";

describe("gitState and versions", () => {
  test("say what a result depends on", () => {
    const git = gitState();
    // null where the tests run outside version control
    if (git !== null)
      expect(git).toEqual({
        commit: expect.stringMatching(/^[0-9a-f]{40}$/),
        dirty: expect.any(Boolean),
      });
    expect(versions()).toMatchObject({
      node: process.versions.node,
      "@tensorflow/tfjs": expect.stringMatching(/^\d/),
    });
  });
});
