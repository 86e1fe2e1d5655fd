/**
 * Gives every built page its Content-Security-Policy, in a meta element, since a static host may send no headers: scripts
 * and styles from this site's files only, and WebAssembly. Scripts that stand in a page (Starlight has some) move into
 * files of their own, which the browser waits for just as well; of styles (highlighted code has attributes of them) the
 * hashes are taken. Astro's own policy (`security.csp`) knows the scripts that Astro bundles, but neither Starlight's nor
 * any attribute.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)([^>]*)>([\s\S]*?)<\/script>/g;
const INLINE_STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g;
const STYLE_ATTRIBUTE = /<[a-z][^<>]*?\sstyle="([^"]*)"/g;
/** Not run by browsers, so no policy asks for them. */
const DATA = /\stype="?(application\/|speculationrules)/;
/** Where a page's own scripts go. */
const SCRIPTS = "_astro";
const ENTITIES: Record<string, string> = { "&quot;": '"', "&#34;": '"', "&#39;": "'", "&amp;": "&" };

/** The policy of a page. @param html without scripts of its own */
export function policyOf(html: string): string {
  const styles = [...html.matchAll(INLINE_STYLE)];
  const attributes = [...html.matchAll(STYLE_ATTRIBUTE)].map(([, text]) =>
    text.replaceAll(/&(quot|#34|#39|amp);/g, (entity) => ENTITIES[entity]),
  );
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    sources("style-src 'self'", hashesOf(styles.map(([, text]) => text))),
    ...(attributes.length > 0 ? [sources("style-src-attr 'unsafe-hashes'", hashesOf(attributes))] : []),
    "img-src 'self' data:",
    "font-src 'self'",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

function hashesOf(texts: string[]): string[] {
  return [...new Set(texts)].map((text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
}

function sources(directive: string, more: string[]): string {
  return [directive, ...more].join(" ");
}

/**
 * Move a page's scripts into files.
 * @param html as built
 * @param fileOf keeps a script's text, and tells where the page finds it
 */
export function withoutInlineScripts(html: string, fileOf: (text: string) => string): string {
  return html.replaceAll(INLINE_SCRIPT, (script, attributes: string, text: string) =>
    DATA.test(attributes) ? script : `<script${attributes} src="${fileOf(text)}"></script>`,
  );
}

/** Put the policy first into a page's head. */
export function withPolicy(html: string): string {
  const meta = `<meta http-equiv="content-security-policy" content="${policyOf(html)}">`;
  return html.replace(/<head([^>]*)>/, (head) => `${head}${meta}`);
}

export function strictPolicy(): AstroIntegration {
  let base = "/";
  return {
    name: "strict-policy",
    hooks: {
      "astro:config:done": ({ config }) => {
        base = config.base.endsWith("/") ? config.base : `${config.base}/`;
      },
      "astro:build:done": ({ dir }) => {
        const folder = fileURLToPath(dir);
        mkdirSync(join(folder, SCRIPTS), { recursive: true });
        // hundreds of pages have the same few
        const written = new Map<string, string>();
        const fileOf = (text: string) => {
          const known = written.get(text);
          if (known !== undefined) return known;
          const name = `${SCRIPTS}/${createHash("sha256").update(text).digest("hex").slice(0, 16)}.js`;
          writeFileSync(join(folder, name), text);
          written.set(text, base + name);
          return base + name;
        };
        for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          if (!name.endsWith(".html")) continue;
          const file = join(folder, name);
          const html = withoutInlineScripts(readFileSync(file, "utf8"), fileOf);
          writeFileSync(file, withPolicy(html));
        }
      },
    },
  };
}
