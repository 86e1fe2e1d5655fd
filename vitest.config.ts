// One vitest project: every tests/**/*.test.ts, named after the source file or seam it tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // vitest would leave one core idle
    maxWorkers: "100%",
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
