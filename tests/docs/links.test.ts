// Every link from a page of the repository to another leads there, heading included. (Links within the site are followed in
// the built site, tests/browser/site-policy.test.ts.)
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, linksOf, ROOT, readPages } from "../support/markdown.ts";

const SITE = "packages/playground/src/content/";
const pages = readPages().filter(({ path }) => !path.startsWith(SITE));

test.each(pages)("$path", ({ path, text }) => {
  const lost = linksOf(text).filter((link) => !/^[a-z]+:/.test(link) && !leads(path, link, text));
  expect(lost).toEqual([]);
});

function leads(from: string, link: string, text: string): boolean {
  const [path, anchor] = link.split("#");
  const target = path === "" ? from : posix.join(posix.dirname(from), decodeURIComponent(path));
  if (!existsSync(join(ROOT, target))) return false;
  if (anchor === undefined) return true;
  return anchorsOf(path === "" ? text : readFileSync(join(ROOT, target), "utf8")).includes(anchor);
}

test("a link is followed to its heading", () => {
  const text = "# One\n\n## Two: `three` & more\n\n## Two: `three` & more\n";
  expect(anchorsOf(text)).toEqual(["one", "two-three--more", "two-three--more-1"]);
  expect(leads("README.md", "#one", text)).toBe(true);
  expect(leads("README.md", "#three", text)).toBe(false);
  expect(leads("docs/benchmarks.md", "../README.md", text)).toBe(true);
  expect(leads("docs/benchmarks.md", "README.md", text)).toBe(false);
  expect(linksOf("[a](b.md) `[c](d.md)` ![e](f.svg)\n\n```sh\n[g](h.md)\n```\n")).toEqual(["b.md", "f.svg"]);
});
