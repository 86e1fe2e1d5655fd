/**
 * What every report page is wrapped in: title, a policy under which only this package's own scripts and styles run,
 * and the data that the scripts draw. One file, which asks nothing of any network.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { html, type Markup, verbatim } from "./markup.ts";

const STYLES = ["pictures.css", "tables.css", "page.css"];

/**
 * Title, policy and style. Only the scripts and styles whose hashes are named here run, whatever a name contains.
 * @param scripts of `page/`, as `pageEnd` gets them @param styles of `page/`, beside those of every page
 */
export function pageHead(title: string, scripts: readonly string[], styles: readonly string[] = []): Markup {
  const hashes = (texts: string[]) => texts.map((text) => `'sha256-${sha256(text)}'`).join(" ");
  const looks = [installed("uplot/dist/uPlot.min.css"), ...[...STYLES, ...styles].map(own)];
  const policy =
    `default-src 'none'; script-src ${hashes(code(scripts))}; style-src ${hashes(looks)}; img-src data:; media-src data:; ` +
    `connect-src 'none'; base-uri 'none'; form-action 'none'`;
  return html`<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${title}</title><link rel="icon" href="data:,">
${looks.map((style) => html`<style>${verbatim(style)}</style>`)}</head>`;
}

/** Footer, data and scripts. @param data JSON, as `scriptJson` writes it @param scripts of `page/`, in order */
export function pageEnd(data: Markup, scripts: readonly string[]): Markup {
  return html`<footer><p>Drag across a plot to zoom, double-click to zoom out. Plots are drawn by uPlot (MIT licence, copyright 2022 Leon Sorokin).</p></footer>
<script type="application/json" id="report-data">${data}</script>
${code(scripts).map((script) => html`<script>${verbatim(script)}</script>`)}`;
}

function code(scripts: readonly string[]): string[] {
  return [installed("uplot/dist/uPlot.iife.min.js"), ...scripts.map(own)];
}

const texts = new Map<string, string>();

/** A file, read once; a browser hashes what its parser read, and that has no carriage returns. */
function read(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  texts.set(file, text);
  return text;
}

const installed = (name: string) => read(createRequire(import.meta.url).resolve(name));
const own = (name: string) => read(fileURLToPath(new URL(`page/${name}`, import.meta.url)));

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
