// One vitest project: every tests/**/*.test.ts, named after the source file or seam it tests.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // one file at a time on two cores, as vitest has it: trainings and browsers use both, and two browsers starve each other
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
