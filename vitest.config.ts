// Every tests/**/*.test.ts, named after the source file or seam it tests, in two groups that run one after the other.
import { configDefaults, defineConfig } from "vitest/config";

/** What keeps a browser or a site's server busy: two of these on two cores starve each other. */
const WITH_BROWSERS = [
  "tests/browser/**/*.test.ts",
  "tests/docs/playground-dev.test.ts",
  "tests/bench/main.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["tests/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...WITH_BROWSERS],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "browser", include: WITH_BROWSERS, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
