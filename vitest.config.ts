// Every tests/**/*.test.ts, named after the source file or seam it tests, in three groups that run one after the other.
import { configDefaults, defineConfig } from "vitest/config";

/** Pages that only have to be opened and looked at: beside each other, but not beside what computes all the time. */
const PAGES = ["compare-report", "core-wasm", "examples", "losses-report", "report", "site-policy"].map(
  (name) => `tests/browser/${name}.test.ts`,
);
/** What needs both cores: browsers, a site's server, trainings whose length is a time. Two of these starve each other. */
const ALONE = [
  "tests/browser/**/*.test.ts",
  "tests/docs/playground-dev.test.ts",
  "tests/docs/run-pages.test.ts",
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
          name: "two at a time",
          include: ["tests/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...ALONE],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: "pages, two at a time", include: PAGES, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: ALONE,
          exclude: [...configDefaults.exclude, ...PAGES],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
