/**
 * Gives every built page its Content-Security-Policy, in a meta element, since a static host may send no headers: scripts
 * and styles from this site only, WebAssembly, and of what stands in the page itself (Starlight has some scripts, and
 * highlighted code has style attributes) that whose hashes were taken here. Astro's own policy (`security.csp`) knows the
 * scripts that Astro bundles, but neither Starlight's nor any attribute.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)([^>]*)>([\s\S]*?)<\/script>/g;
const INLINE_STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g;
const STYLE_ATTRIBUTE = /<[a-z][^<>]*?\sstyle="([^"]*)"/g;
/** Not run by browsers, so no policy asks for them. */
const DATA = /\stype="?(application\/|speculationrules)/;
const ENTITIES: Record<string, string> = { "&quot;": '"', "&#34;": '"', "&#39;": "'", "&amp;": "&" };

/** The policy of a page. @param html as built */
export function policyOf(html: string): string {
  const scripts = [...html.matchAll(INLINE_SCRIPT)].filter(([, attributes]) => !DATA.test(attributes));
  const styles = [...html.matchAll(INLINE_STYLE)];
  const attributes = [...html.matchAll(STYLE_ATTRIBUTE)].map(([, text]) =>
    text.replaceAll(/&(quot|#34|#39|amp);/g, (entity) => ENTITIES[entity]),
  );
  return [
    "default-src 'none'",
    sources("script-src 'self' 'wasm-unsafe-eval'", hashesOf(scripts.map(([, , text]) => text))),
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

/** Put the policy first into a page's head. */
export function withPolicy(html: string): string {
  const meta = `<meta http-equiv="content-security-policy" content="${policyOf(html)}">`;
  return html.replace(/<head([^>]*)>/, (head) => `${head}${meta}`);
}

export function strictPolicy(): AstroIntegration {
  return {
    name: "strict-policy",
    hooks: {
      "astro:build:done": ({ dir }) => {
        const folder = fileURLToPath(dir);
        for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
          if (!name.endsWith(".html")) continue;
          const file = join(folder, name);
          writeFileSync(file, withPolicy(readFileSync(file, "utf8")));
        }
      },
    },
  };
}
