/**
 * The instrument as a page of its own, served from this machine: its modules bundled as a site would, the site's style
 * sheets, and models from physics instead of training. What the whole site does with it is the site's own test.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { buildBytes } from "./core-builds.ts";

const SOURCES = fileURLToPath(new URL("../../packages/playground/src/", import.meta.url));

const PAGE = `<!doctype html>
<html lang="en" data-theme="light">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; worker-src 'self'; connect-src 'self'; media-src blob:; img-src data:">
<title>Instrument</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/styles/tokens.css"><link rel="stylesheet" href="/styles/site.css">
<link rel="stylesheet" href="/instrument/instrument.css"></head>
<body><main id="main"><h1 class="visually-hidden">Instrument</h1><div id="instrument"></div></main>
<script type="module" src="/page.js"></script></body></html>`;

/** What mounts the instrument on that page, with models at /model/<id>; its modules are the window's, for tests. */
const ENTRY = `
import { mountInstrument } from ${JSON.stringify(join(SOURCES, "instrument/mount.ts"))};
const bytes = async (url) => (await fetch(url)).arrayBuffer();
const models = await (await fetch("/models.json")).json();
mountInstrument(document.querySelector("#instrument"), {
  worklet: "/processor.js",
  tuner: "/tuner.js",
  wasm: () => bytes("/simd.wasm"),
  models: models.map(({ id, title }) => ({ id, title, text: title, bytes: () => bytes("/model/" + id) })),
});
`;

export interface InstrumentSite {
  url: string;
  close(): void;
}

/** Bundle one entry into one file. */
async function bundle(input: string): Promise<string> {
  const isText = !input.startsWith("/");
  const build = await rolldown({
    input: isText ? "entry" : input,
    plugins: isText
      ? [
          {
            name: "text",
            resolveId: (id: string) => (id === "entry" ? id : null),
            load: (id: string) => (id === "entry" ? input : null),
          },
        ]
      : [],
  });
  const { output } = await build.generate({ format: "esm" });
  await build.close();
  return output[0].code;
}

/** Serve it. @param models by id: title and file */
export async function serveInstrument(
  models: Record<string, { title: string; bytes: Uint8Array }>,
): Promise<InstrumentSite> {
  const [page, processor, tuner, core] = await Promise.all([
    bundle(ENTRY),
    bundle(join(SOURCES, "instrument/processor.ts")),
    bundle(join(SOURCES, "instrument/tuning-worker.ts")),
    bundle(fileURLToPath(import.meta.resolve("@neural-string/core-wasm"))),
  ]);
  const index = Object.entries(models).map(([id, { title }]) => ({ id, title }));
  const files: Record<string, [type: string, body: string | Uint8Array]> = {
    "/": ["text/html", PAGE],
    "/page.js": ["text/javascript", page],
    "/processor.js": ["text/javascript", processor],
    "/tuner.js": ["text/javascript", tuner],
    // for tests that tune strings in the page themselves
    "/core.js": ["text/javascript", core],
    "/simd.wasm": ["application/wasm", buildBytes("simd")],
    "/models.json": ["application/json", JSON.stringify(index)],
  };
  for (const [id, { bytes }] of Object.entries(models))
    files[`/model/${id}`] = ["application/octet-stream", bytes];
  for (const css of ["styles/tokens.css", "styles/site.css", "instrument/instrument.css"]) {
    files[`/${css}`] = ["text/css", readFileSync(join(SOURCES, css))];
  }
  const server: Server = createServer(({ url = "/" }, response) => {
    const file = files[new URL(url, "http://localhost").pathname];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": file[0] }).end(file[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => server.close(),
  };
}
