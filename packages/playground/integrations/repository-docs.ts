/**
 * Pages of the docs that are written elsewhere in the repository, and live there only: they are put into the docs folder
 * before each build, with front matter, links that work on the site, and formulas as MathML.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { AstroIntegration } from "astro";
import temml from "temml";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const INTO = fileURLToPath(new URL("../src/content/docs/docs/generated/", import.meta.url));

interface RepositoryPage {
  /** From the repository's root. */
  from: string;
  /** Last part of its address below docs/. */
  slug: string;
  title: string;
  description: string;
}

export const REPOSITORY_PAGES: readonly RepositoryPage[] = [
  {
    from: "packages/core-wasm/README.md",
    slug: "core-wasm",
    title: "core-wasm in your project",
    description:
      "The player: in Node, in a page, in a worklet of your own; what it promises, and its interface.",
  },
  {
    from: "docs/how-the-passive-string-works.md",
    slug: "mathematics",
    title: "The mathematics",
    description: "The equations as they are played, the proof, the sources and the measurements.",
  },
  {
    from: "docs/report.md",
    slug: "report",
    title: "Looking at runs",
    description: "The report of a run and of many, the log, and the losses of single examples.",
  },
  {
    from: "docs/benchmarks.md",
    slug: "benchmarks",
    title: "Benchmarks",
    description: "core-wasm beside its peers, in ratios from one run.",
  },
  {
    from: "docs/experiments.md",
    slug: "experiments",
    title: "The origin's experiments",
    description: "Every idea of the project's origin as a config: what was believed, what happened, and why.",
  },
];

/**
 * Make a page of the site from a file of the repository.
 * @param text Markdown as it stands in the file
 */
export function repositoryPage(text: string, { from, slug, title, description }: RepositoryPage): string {
  const folder = dirname(resolve(ROOT, from));
  const untitled = withFormulas(text.replace(/^# .*\n/, ""));
  const body = outsideCode(untitled, (prose) => withMath(withLinks(prose, folder)));
  const front = { title, description, slug: `docs/${slug}`, editUrl: false };
  const lines = Object.entries(front).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `---\n${lines.join("\n")}\n---\n${body}`;
}

/** Change what is not code: fenced blocks and code within lines stay as they are, but for what links are called. */
function outsideCode(text: string, change: (prose: string) => string): string {
  return (
    text
      // a link whose label is code is a link
      .split(/(^ *```[\s\S]*?^ *```$|\[`[^`\n]+`\]\([^)\s]+\)|`[^`\n]+`)/m)
      .map((part, i) => (i % 2 === 1 && !part.startsWith("[") ? part : change(part)))
      .join("")
  );
}

/** Links to pages that the site has lead there; pictures come from where they lie; other files become their names. */
function withLinks(text: string, folder: string): string {
  return text.replace(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (link, isPicture: string, label: string, to: string) => {
      if (/^[a-z]+:/.test(to)) return link;
      const [path, anchor] = to.split("#");
      if (path === "") return link;
      const target = resolve(folder, path);
      if (isPicture) return `![${label}](${relative(INTO, target)})`;
      const page = REPOSITORY_PAGES.find(({ from }) => resolve(ROOT, from) === target);
      if (page) return `[${label}](../${page.slug}/${anchor ? `#${anchor}` : ""})`;
      return /[`*_]/.test(label) ? label : `${label} (<code>${relative(ROOT, target)}</code>)`;
    },
  );
}

/** Formulas that stand alone become MathML, which browsers draw themselves. */
function withFormulas(text: string): string {
  // in a list they are indented, and stay so
  return text.replace(
    /^( *)```math\n([\s\S]*?)^ *```$/gm,
    (_, indent: string, tex: string) => `\n${indent}${mathMl(tex, true)}\n`,
  );
}

/** Formulas in a line of text, which may break once. */
function withMath(text: string): string {
  return text.replace(/\$([^$\n]+(?:\n[^$\n]+)?)\$/g, (_, tex: string) => mathMl(tex, false));
}

/** Without anything that Markdown would take for its own. */
function mathMl(tex: string, displayMode: boolean): string {
  return temml
    .renderToString(tex.trim(), { displayMode, throwOnError: true })
    .replaceAll("\n", " ")
    .replace(
      />([^<]+)</g,
      (_, shown: string) => `>${shown.replace(/[*_`[\]|\\]/g, (c) => `&#${c.charCodeAt(0)};`)}<`,
    );
}

export function repositoryDocs(): AstroIntegration {
  return {
    name: "repository-docs",
    hooks: {
      "astro:config:setup": () => {
        mkdirSync(INTO, { recursive: true });
        for (const page of REPOSITORY_PAGES) {
          const text = readFileSync(resolve(ROOT, page.from), "utf8");
          writeFileSync(`${INTO}${page.slug}.md`, repositoryPage(text, page));
        }
      },
    },
  };
}
