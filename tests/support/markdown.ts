/** The documentation as tests read it: every page for people, its code blocks, links and headings. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** What is fetched, made or kept: not pages of ours. */
const SKIPPED = /(^|\/)(node_modules|dist|build|runs|results|generated|api|\.astro)\/|^examples\/core-wasm\//;

/** A page, by its path from the repository's root. */
export interface Page {
  path: string;
  text: string;
}

export interface CodeBlock {
  /** As it stands after the fence; "" where nothing does. */
  language: string;
  code: string;
  /** Of the fence, from 1. */
  line: number;
}

/** A file of the repository. @param path from its root */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** All Markdown that people are meant to read; the log is history, and stays as it was written. */
export function readPages(): Page[] {
  const below = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((name) => posix.join(folder, name))
      .filter((path) => /\.mdx?$/.test(path) && !SKIPPED.test(path));
  const paths = [
    ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
    ...["docs", "packages", "examples", ".changeset"].flatMap(below),
  ];
  return [...new Set(paths)].sort().map((path) => ({ path, text: readText(path) }));
}

/** The fenced blocks of a page. */
export function codeBlocksOf(text: string): CodeBlock[] {
  return [...text.matchAll(/^( *)```([^\n`]*)\n([\s\S]*?)^\1```$/gm)].map(
    ({ 1: indent, 2: language, 3: code, index }) => ({
      language: language.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      line: text.slice(0, index).split("\n").length,
    }),
  );
}

/** A page without its code. */
export function proseOf(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^\1```$/gm, "").replace(/`[^`\n]*`/g, "``");
}

/** What stands in backticks within lines. */
export function spansOf(text: string): string[] {
  const withoutBlocks = text.replace(/^( *)```[\s\S]*?^\1```$/gm, "");
  return [...withoutBlocks.matchAll(/`([^`]+)`/g)].map(([, span]) => span.replaceAll(/\s+/g, " "));
}

/** Where a page's links and pictures lead. */
export function linksOf(text: string): string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to);
}

/** The anchors of a page's headings, as GitHub and Starlight make them. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  const withoutCode = text.replace(/^( *)```[\s\S]*?^\1```$/gm, "");
  return [...withoutCode.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}
