// Every fenced block of the documentation is of a language that some test runs, reads or draws; what is no code, formulas and
// drawings, says so by its language.
import { REPOSITORY_PAGES, repositoryPage } from "@neural-string/playground/integrations/repository-docs";
import { describe, expect, test } from "vitest";
import { codeBlocksOf, readPages, readText } from "../support/markdown.ts";

const blocks = readPages().flatMap(({ path, text }) =>
  codeBlocksOf(text).map((block) => ({ ...block, path, at: `${path}:${block.line}` })),
);

/** Languages, and the file of what runs them. */
const RUN: Record<string, string> = {
  sh: "tests/docs/run-pages.test.ts",
  js: "tests/core-wasm/readme.test.ts",
  python: "tests/docs/python.test.ts",
  yaml: "tests/docs/run-pages.test.ts",
  mermaid: "tests/architecture/draw.ts",
  math: "tests/docs/blocks.test.ts",
};

describe("fenced blocks", () => {
  test("are run, or are no code", () => {
    const unknown = blocks.filter(({ language }) => !(language in RUN) && !["text", ""].includes(language));
    expect(unknown.map(({ at, language }) => `${at}: ${language}`)).toEqual([]);
    // each language's test reads the blocks of that name, from the pages themselves
    for (const [language, file] of Object.entries(RUN)) {
      expect(readText(file), file).toContain(language === "js" ? "(js|ts|" : language);
    }
  });

  test("that name no language are drawings and formulas, and one changeset, which contributing.test.ts uses", () => {
    const code = blocks
      .filter(({ language }) => language === "text" || language === "")
      .filter(({ code }) => /^\s*(\$ |pnpm |npx |node |import |const |from |[{[]$)|^---$/m.test(code));
    expect(code.map(({ path }) => path)).toEqual(["CONTRIBUTING.md"]);
  });

  test("mathematics is drawn by the site, every formula of it", () => {
    const drawn = new Map<string, number>();
    for (const { path, language } of blocks)
      if (language === "math") drawn.set(path, (drawn.get(path) ?? 0) + 1);
    expect(drawn.size).toBeGreaterThan(0);
    for (const [path, count] of drawn) {
      const page = REPOSITORY_PAGES.find(({ from }) => from.endsWith(path));
      if (page === undefined) throw new Error(`${path}: formulas on a page that the site has not`);
      // throws where one is no TeX
      const shown = repositoryPage(readText(path), page);
      expect(shown.match(/<math [^>]*display="block"/g)?.length, path).toBe(count);
    }
  });
});
