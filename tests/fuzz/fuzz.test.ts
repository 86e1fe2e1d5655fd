// Every fuzz target for some seconds: what the corpus keeps, then cases drawn from a fixed seed. `pnpm fuzz` is the same
// for as long as one likes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkCase, readCorpus } from "./target.ts";
import { TARGETS } from "./targets/index.ts";

describe.each(TARGETS)("$name: $what", (target) => {
  const corpus = readCorpus(target);

  test("keep their promise where it was once broken, or nearly", async () => {
    for (const [file, value] of corpus) {
      try {
        await checkCase(target, value);
      } catch (error) {
        throw new Error(`tests/corpus/${target.name}/${file}`, { cause: error });
      }
    }
  });

  test("keep their promise, drawn at random", async () => {
    let drawn = 0;
    await fc.assert(
      fc.asyncProperty(target.cases([...corpus.values()]), async (value) => {
        drawn++;
        await checkCase(target, value);
      }),
      { seed: 1, numRuns: target.shortRun },
    );
    expect(drawn).toBe(target.shortRun);
  });
});
