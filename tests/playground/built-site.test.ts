// The site as it lies on a host, every page of it and not only those that a browser test opens: what a first visit costs,
// links that lead somewhere, and what a page must say of itself.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { builtSite, SITE_PATH } from "../support/playground-site.ts";

/** First load of a page, compressed, without models and recordings. */
const FIRST_LOAD = 200 * 1024;

let folder: string;
let pages: string[];
const read = (name: string) => readFileSync(join(folder, name), "utf8");

beforeAll(async () => {
  folder = await builtSite();
  pages = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".html"))
    .map((name) => name.replaceAll("\\", "/"));
}, 400_000);

const sizes = new Map<string, number>();
/** Bytes of a file as a compressing host sends it. */
function compressed(name: string): number {
  const known = sizes.get(name);
  if (known !== undefined) return known;
  const size = gzipSync(readFileSync(join(folder, name))).length;
  sizes.set(name, size);
  return size;
}

/** Path within the site; undefined for what is elsewhere. @param from the page or file that names it */
function inside(address: string, from: string): string | undefined {
  const { origin, pathname } = new URL(address, `http://site${SITE_PATH}${from}`);
  if (origin !== "http://site" || !pathname.startsWith(SITE_PATH)) return undefined;
  return decodeURIComponent(pathname.slice(SITE_PATH.length));
}

/** What a module imports at once: not what it asks for later. */
function imported(name: string, into: Set<string>): void {
  if (into.has(name)) return;
  into.add(name);
  for (const [, , address] of read(name).matchAll(/\b(import|from)\s*["'](\.{1,2}\/[^"']+)["']/g)) {
    imported(posix.join(posix.dirname(name), address), into);
  }
}

/** Everything that a browser fetches to show a page. */
function firstLoad(page: string): Set<string> {
  const html = read(page);
  const files = new Set([page]);
  const add = (address: string) => {
    const name = inside(address, page);
    if (name === undefined || !existsSync(join(folder, name))) return;
    if (name.endsWith(".js")) imported(name, files);
    else files.add(name);
  };
  for (const [tag] of html.matchAll(/<link\b[^>]*>/g)) {
    if (/rel="?(stylesheet|modulepreload|icon|manifest|preload)/.test(tag))
      add(/href="?([^"\s>]+)/.exec(tag)?.[1] ?? "");
  }
  for (const [, address] of html.matchAll(/<(?:script|img)\b[^>]*?\ssrc="?([^"\s>]+)/g)) add(address);
  return files;
}

const PARTS: Record<string, number> = {
  msup: 2,
  msub: 2,
  mfrac: 2,
  mover: 2,
  munder: 2,
  msubsup: 3,
  munderover: 3,
};

/** Whether what takes two or three parts in MathML has them. */
function hasItsParts(formula: string): boolean {
  const open: { tag: string; parts: number }[] = [];
  for (const [, slash, tag, selfClosed] of formula.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
    const around = open.at(-1);
    if (slash && around && PARTS[tag] !== undefined && around.parts !== PARTS[tag]) return false;
    if (slash) open.pop();
    else {
      if (around) around.parts++;
      if (!selfClosed) open.push({ tag, parts: 0 });
    }
  }
  return open.length === 0;
}

describe("every page", () => {
  test("costs at most 200 KiB at first", () => {
    const heavy = pages.flatMap((page) => {
      const bytes = [...firstLoad(page)].reduce((sum, name) => sum + compressed(name), 0);
      expect(bytes, page).toBeGreaterThan(2000);
      return bytes > FIRST_LOAD ? [`${page}: ${Math.round(bytes / 1024)} KiB`] : [];
    });
    expect(pages.length).toBeGreaterThan(20);
    expect(heavy).toEqual([]);
  });

  test("links to what is there, within the path it is served under", () => {
    const ids = new Map<string, Set<string>>();
    const idsOf = (name: string) => {
      const known =
        ids.get(name) ?? new Set([...read(name).matchAll(/\sid="?([^"\s>]+)/g)].map(([, id]) => id));
      ids.set(name, known);
      return known;
    };
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/<a\b[^>]*?\shref="?([^"\s>]+)/g)].flatMap(([, href]) => {
        const address = href.replaceAll("&amp;", "&");
        const { origin, pathname, hash } = new URL(address, `http://site${SITE_PATH}${page}`);
        if (origin !== "http://site") return [];
        const name = inside(address, page);
        if (name === undefined) return [`${page}: ${pathname} leaves the site`];
        const file = name === "" || name.endsWith("/") ? `${name}index.html` : name;
        if (!statSync(join(folder, file), { throwIfNoEntry: false })?.isFile())
          return [`${page}: no ${name}`];
        const id = decodeURIComponent(hash.slice(1));
        // what follows an instrument's # are settings
        if (id === "" || id.includes("=") || !file.endsWith(".html") || idsOf(file).has(id)) return [];
        return [`${page}: no #${id} in ${name}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  test("has formulas of the right parts", () => {
    const formulas = pages.flatMap((page) =>
      [...read(page).matchAll(/<math\b[\s\S]*?<\/math>/g)].map(([formula]) => `${page}: ${formula}`),
    );
    expect(formulas.length).toBeGreaterThan(50);
    expect(formulas.filter((formula) => !hasItsParts(formula))).toEqual([]);
  });

  test("names the picture that others show beside a link to it", () => {
    const png = readFileSync(join(folder, "share.png"));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    const without = pages.filter((page) => {
      const said = new Map(
        [...read(page).matchAll(/<meta\b[^>]*\bproperty="(og:[^"]+)"[^>]*\bcontent="([^"]*)"/g)].map(
          ([, property, content]) => [property, content],
        ),
      );
      const size = `${said.get("og:image:width")} x ${said.get("og:image:height")}`;
      const isThere = said.get("og:image") === `${SITE_PATH}share.png` && size === `${width} x ${height}`;
      return !isThere || !said.get("og:title");
    });
    expect(without).toEqual([]);
  });

  test("has a language, one title, one heading and a description", () => {
    const odd = pages.flatMap((page) => {
      const html = read(page);
      const counts = {
        lang: /<html\b[^>]*\slang="en"/.test(html),
        title: (html.match(/<title>[^<]+<\/title>/g) ?? []).length === 1,
        heading: (html.match(/<h1\b/g) ?? []).length === 1,
        description:
          page.startsWith("docs/api/") || /<meta\b[^>]*name="description"[^>]*content="[^"]{20,}/.test(html),
      };
      return Object.entries(counts).flatMap(([what, isRight]) => (isRight ? [] : [`${page}: ${what}`]));
    });
    expect(odd).toEqual([]);
  });
});
