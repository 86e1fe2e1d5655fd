// Which build of the core the trainer plays with, and what is said when it cannot.
import { loadCore } from "@neural-string/trainer/core-build";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("loadCore", () => {
  test.each(["relaxed", "simd", "scalar"])("NEURAL_STRING_BUILD=%s is obeyed", (build) => {
    vi.stubEnv("NEURAL_STRING_BUILD", build);
    expect(loadCore().exports.allocate(16)).toBeGreaterThan(0);
  });

  test("another name is one sentence", () => {
    vi.stubEnv("NEURAL_STRING_BUILD", "fast");
    expect(() => loadCore()).toThrow(
      "NEURAL_STRING_BUILD: expected one of relaxed, simd, scalar, got fast; correct or unset it",
    );
  });
});
