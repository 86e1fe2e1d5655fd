/**
 * The playground as visitors get it: built once for all browser tests, under a path of its own, and served as a plain
 * static host would, without headers. Test files run side by side: the first one builds, the others wait for it.
 */
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { keptFiles } from "@neural-string/playground/integrations/offline";
import type { Page } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = join(ROOT, "packages/playground");
/** Beside dist, and like it no part of the repository. */
const FOLDER = join(PACKAGE, "build/site-under-test");
const STAMP = join(FOLDER, "built");
const LOCK = join(PACKAGE, "build/site.lock");
/** A build that takes longer than this has died. */
const STALE_MS = 300_000;

/** Where the site is served: under a path, as on many hosts. */
export const SITE_PATH = "/some/path/";
/** Screenshots that tests leave for people to look at. */
export const SCREENSHOTS = join(PACKAGE, "build/screenshots");

const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** The newest change of what the site is made of. */
function newestSource(): number {
  const parts = ["playground", "core-wasm", "shared", "trainer"].map((name) => join(ROOT, "packages", name));
  const own = (path: string) => !/(^|\/)(node_modules|dist|build|bench|\.astro|runs)(\/|$)/.test(path);
  const files = [...parts, join(ROOT, "docs")].flatMap((part) =>
    readdirSync(part, { recursive: true, encoding: "utf8" })
      // what a build itself writes, and the folder it writes it into, is not what it is made of: it would never be fresh
      .filter((name) => own(name) && !/content\/docs\/docs(\/(generated|api)(\/|$)|$)/.test(name))
      .map((name) => join(part, name)),
  );
  return Math.max(...files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0));
}

function isFresh(newest: number): boolean {
  return existsSync(STAMP) && Number(readFileSync(STAMP, "utf8")) >= newest;
}

/** Take the lock. @returns false where somebody else builds */
function lock(): boolean {
  mkdirSync(join(PACKAGE, "build"), { recursive: true });
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_MS) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

/**
 * Build the site unless it is newer than its sources.
 * @returns its folder
 * @throws Error with what the build said
 */
export async function builtSite(): Promise<string> {
  const newest = newestSource();
  while (!isFresh(newest)) {
    if (!lock()) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    try {
      if (!isFresh(newest)) build(newest);
    } finally {
      rmSync(LOCK, { recursive: true, force: true });
    }
  }
  return FOLDER;
}

function build(newest: number): void {
  rmSync(FOLDER, { recursive: true, force: true });
  const astro = fileURLToPath(new URL("bin/astro.mjs", import.meta.resolve("astro/package.json")));
  try {
    execFileSync(process.execPath, [astro, "build"], {
      cwd: PACKAGE,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      // not all of the environment: vitest puts a BASE_URL of its own into it, and Astro would take it for the site's
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: "production",
        ASTRO_TELEMETRY_DISABLED: "1",
        PLAYGROUND_BASE: SITE_PATH,
        PLAYGROUND_OUT: FOLDER,
      },
    });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`the playground was not built:\n${stdout.slice(-4000)}\n${stderr.slice(-4000)}`);
  }
  writeFileSync(STAMP, `${newest}`);
  utimesSync(FOLDER, new Date(), new Date());
}

/** Wait until the service worker keeps the whole site, what follows in the background too. */
export async function keptOffline(page: Page): Promise<void> {
  const { later } = keptFiles(readdirSync(await builtSite(), { recursive: true, encoding: "utf8" }));
  const last = JSON.stringify(later.at(-1));
  // its scope is the site's root, whatever page this is
  const isKept = `navigator.serviceWorker.ready.then(({ scope }) => caches.match(new URL(${last}, scope))).then(Boolean)`;
  // asked from here: the page's policy lets nobody evaluate text in it
  while (!(await page.evaluate(isKept))) await page.waitForTimeout(100);
}

/** A served site. */
export interface ServedSite {
  /** Address of a page. @param path relative to the site's root */
  url(path?: string): string;
  /** What was sent since the last call: paths, and bytes as a compressing host would send them. */
  sent(): { path: string; bytes: number }[];
  close(): void;
}

/**
 * Serve the built site on a free port of this machine.
 * @param headersOf what a host adds to a file's headers; a plain one nothing
 */
export async function serveSite(
  headersOf: (name: string, bytes: Buffer) => Record<string, string> = () => ({}),
): Promise<ServedSite> {
  const folder = await builtSite();
  let log: { path: string; bytes: number }[] = [];
  const server: Server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(new URL(url, "http://site").pathname);
    const inside = path.startsWith(SITE_PATH) ? path.slice(SITE_PATH.length) : "../outside";
    const file = join(folder, inside.endsWith("/") || inside === "" ? `${inside}index.html` : inside);
    if (!file.startsWith(folder) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      const missing = join(folder, "404.html");
      response.writeHead(404, { "content-type": TYPES[".html"] }).end(readFileSync(missing));
      log.push({ path: `404 ${path}`, bytes: 0 });
      return;
    }
    const bytes = readFileSync(file);
    log.push({ path: inside, bytes: gzipSync(bytes).length });
    response
      .writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        ...headersOf(file, bytes),
      })
      .end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path = "") => `http://127.0.0.1:${port}${SITE_PATH}${path}`,
    sent: () => {
      const before = log;
      log = [];
      return before;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
