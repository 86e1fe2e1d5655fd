// The site: static, under any path of any host (PLAYGROUND_BASE), without headers of its own.
import starlight from "@astrojs/starlight";
import { defineConfig, passthroughImageService } from "astro/config";
import starlightTypeDoc, { typeDocSidebarGroup } from "starlight-typedoc";
import { focusableCode } from "./integrations/focusable-code.ts";
import { thirdPartyNotices } from "./integrations/notices.ts";
import { offline } from "./integrations/offline.ts";
import { recordings } from "./integrations/recordings.ts";
import { repositoryDocs } from "./integrations/repository-docs.ts";
import { strictPolicy } from "./integrations/strict-policy.ts";
import { sharePicture } from "./src/share-picture.ts";

const base = process.env.PLAYGROUND_BASE ?? "/";
const site = process.env.PLAYGROUND_SITE;

export default defineConfig({
  base,
  // where the site is, for links that are shown elsewhere
  site,
  outDir: process.env.PLAYGROUND_OUT ?? "./dist",
  // every page has its own scripts and styles in files: they are cached, and a strict policy runs no inline ones
  build: { inlineStylesheets: "never" },
  // pictures are drawings already
  image: { service: passthroughImageService() },
  vite: {
    build: { assetsInlineLimit: 0 },
    worker: { format: "es" },
  },
  integrations: [
    repositoryDocs(),
    starlight({
      title: "neural-string",
      favicon: "/favicon.svg",
      customCss: ["./src/styles/tokens.css", "./src/styles/docs.css"],
      components: {
        SiteTitle: "./src/components/DocsTitle.astro",
        SocialIcons: "./src/components/SiteLinks.astro",
      },
      disable404Route: true,
      expressiveCode: { plugins: [focusableCode()] },
      head: Object.entries(sharePicture(base, site)).map(([property, content]) => ({
        tag: "meta" as const,
        attrs: { property, content },
      })),
      plugins: [
        starlightTypeDoc({
          entryPoints: ["../core-wasm/src/index.ts"],
          tsconfig: "../core-wasm/tsconfig.build.json",
          output: "docs/api",
          sidebar: { label: "API of core-wasm", collapsed: true },
          typeDoc: { skipErrorChecking: true, disableSources: true },
        }),
      ],
      sidebar: [
        {
          label: "Start",
          items: ["docs", "docs/getting-started", "docs/make-your-own", "docs/train-your-own"],
        },
        {
          label: "How it works",
          items: [
            "docs/how/delay-line",
            "docs/how/loop-filter",
            "docs/how/feedback",
            "docs/how/losses",
            "docs/how/certificate",
            "docs/mathematics",
            "docs/story",
          ],
        },
        { label: "Use it", items: ["docs/model-file", "docs/core-wasm", "docs/report"] },
        { label: "Figures", items: ["docs/results", "docs/benchmarks", "docs/experiments"] },
        typeDocSidebarGroup,
      ],
    }),
    recordings(),
    strictPolicy(),
    thirdPartyNotices(),
    offline(),
  ],
});
