/**
 * The training page, built by the site's own bundler with the site's settings for workers, and served without headers:
 * no page of such a host has shared memory.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Under a path, as on many hosts. */
const SITE_PATH = "/some/path/";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

export interface TrainingSite {
  /** The page's address. */
  url: string;
  /** Lay a recording down. @returns its address */
  lay(samples: Float32Array): string;
  /** Addresses that were asked for since the last call. */
  asked(): string[];
  /** Bytes of every file of the page, by name. */
  sizes: Record<string, number>;
  close(): void;
}

/** Build and serve it. */
export async function serveTrainingPage(): Promise<TrainingSite> {
  const folder = mkdtempSync(join(tmpdir(), "neural-string-training-"));
  const sizes = await build(folder);
  const recordings: Uint8Array[] = [];
  let log: string[] = [];
  const server = createServer(({ url = "/" }, response) => {
    log.push(url);
    const [, recording] = /^\/recording\/(\d+)$/.exec(url) ?? [];
    const inside = url.startsWith(SITE_PATH) ? url.slice(SITE_PATH.length) || "index.html" : "../outside";
    const file = join(folder, inside);
    if (recording !== undefined) response.end(recordings[Number(recording)]);
    else if (file.startsWith(folder) && statSync(file, { throwIfNoEntry: false })?.isFile())
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "" }).end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${host}${SITE_PATH}`,
    lay: (samples) => {
      recordings.push(new Uint8Array(samples.slice().buffer));
      return `${host}/recording/${recordings.length - 1}`;
    },
    asked: () => {
      const before = log;
      log = [];
      return before;
    },
    sizes,
    close: () => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The part of Vite that is used here: Astro brings it, and its types are not ours to import. */
interface Vite {
  build(config: object): Promise<unknown>;
}

async function build(outDir: string): Promise<Record<string, number>> {
  const astro = createRequire(fileURLToPath(import.meta.resolve("astro/package.json")));
  const vite = (await import(astro.resolve("vite"))) as Vite;
  const built = (await vite.build({
    configFile: false,
    root: fileURLToPath(new URL("./training-page", import.meta.url)),
    base: SITE_PATH,
    logLevel: "warn",
    build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, minify: false },
    worker: { format: "es" },
  })) as { output: { fileName: string; code?: string; source?: string | Uint8Array }[] };
  return Object.fromEntries(
    built.output.map(({ fileName, code, source }) => [fileName, (code ?? source ?? "").length]),
  );
}
