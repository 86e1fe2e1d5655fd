// The site: static, under any path of any host (PLAYGROUND_BASE), without headers of its own.
import starlight from "@astrojs/starlight";
import { defineConfig } from "astro/config";
import { offline } from "./integrations/offline.ts";
import { recordings } from "./integrations/recordings.ts";
import { strictPolicy } from "./integrations/strict-policy.ts";

export default defineConfig({
  base: process.env.PLAYGROUND_BASE ?? "/",
  outDir: process.env.PLAYGROUND_OUT ?? "./dist",
  // every page has its own scripts and styles in files: they are cached, and a strict policy runs no inline ones
  build: { inlineStylesheets: "never" },
  vite: {
    build: { assetsInlineLimit: 0 },
    worker: { format: "es" },
  },
  integrations: [
    starlight({
      title: "neural-string",
      favicon: "/favicon.svg",
      customCss: ["./src/styles/tokens.css", "./src/styles/docs.css"],
      components: {
        SiteTitle: "./src/components/DocsTitle.astro",
        SocialIcons: "./src/components/SiteLinks.astro",
      },
      disable404Route: true,
      sidebar: [{ label: "Docs", items: [{ autogenerate: { directory: "docs" } }] }],
    }),
    recordings(),
    strictPolicy(),
    offline(),
  ],
});
