/**
 * Gives every built page its Content-Security-Policy, in a meta element, since a static host may send no headers: scripts
 * from this site only, WebAssembly, and of inline scripts (Starlight has some) those whose hashes were taken here.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)([^>]*)>([\s\S]*?)<\/script>/g;
/** Not run by browsers, so no policy asks for them. */
const DATA = /\stype="?(application\/|speculationrules)/;

/** The policy of a page. @param html as built */
export function policyOf(html: string): string {
  const scripts = [...html.matchAll(INLINE_SCRIPT)].filter(([, attributes]) => !DATA.test(attributes));
  const hashes = scripts.map(
    ([, , text]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...new Set(hashes)].join(" "),
    // highlighted code and Starlight's layout carry style attributes
    "style-src 'self' 'unsafe-inline'",
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
