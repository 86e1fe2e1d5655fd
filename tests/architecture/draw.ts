/** The architecture page's parts, drawn from the imports: diagrams for Mermaid, tables, and the rules. */
import { UserError } from "@neural-string/shared";
import { fillMarked } from "@neural-string/trainer/experiments/docs";
import type { Imports } from "./imports.ts";
import { packageOf, partOf } from "./parts.ts";
import { SENTENCES } from "./rules.ts";

/** Which places a place imports. */
type Edges = Map<string, Set<string>>;

/** Fill the page between its markers. @throws UserError where a file belongs to no part, or the page lacks a marker */
export function fillArchitecture(page: string, imports: Imports): string {
  const inside = (name: string) => only(imports, (file) => packageOf(file) === name);
  const parts: [string, string][] = [
    ["imports:packages", diagram(edgesOf(imports, packageOf))],
    ["imports:core-wasm", table(inside("core-wasm"))],
    ["imports:trainer", `${diagram(edgesOf(inside("trainer"), nameOf))}\n\n${table(inside("trainer"))}`],
    ["imports:playground", table(inside("playground"))],
    ["imports:rules", SENTENCES.map((sentence) => `- ${sentence}`).join("\n")],
  ];
  return parts.reduce((filled, [name, text]) => fillMarked(filled, name, text), page);
}

function only(imports: Imports, isWanted: (file: string) => boolean): Imports {
  return new Map([...imports].filter(([file]) => isWanted(file)));
}

function nameOf(file: string): string | undefined {
  return partOf(file)?.name;
}

/** Imports between places, those within one left out. @param placeOf undefined for what is not to be drawn */
function edgesOf(imports: Imports, placeOf: (file: string) => string | undefined): Edges {
  const edges: Edges = new Map();
  for (const [file, list] of imports) {
    const from = placeOf(file);
    if (from === undefined) {
      throw new UserError(`${file}: belongs to no part; add it to tests/architecture/parts.ts`);
    }
    const row = edges.get(from) ?? new Set<string>();
    edges.set(from, row);
    for (const { to } of list) {
      const place = placeOf(to);
      if (place !== undefined && place !== from) row.add(place);
    }
  }
  return edges;
}

/** An arrow for each place that another imports, but for those that it reaches by other arrows as well. */
function diagram(edges: Edges): string {
  const names = [...new Set([...edges].flatMap(([from, row]) => [from, ...row]))].sort();
  const id = (name: string) => `p${names.indexOf(name)}`;
  const kept = new Map([...edges].map(([from, row]) => [from, new Set(row)]));
  for (const [from, row] of kept) {
    for (const to of [...row].sort()) {
      row.delete(to);
      if (!reaches(kept, from, to)) row.add(to);
    }
  }
  const arrows = names.flatMap((from) =>
    [...(kept.get(from) ?? [])].sort().map((to) => `  ${id(from)} --> ${id(to)}`),
  );
  return [
    "```mermaid",
    "flowchart TD",
    ...names.map((name) => `  ${id(name)}["${name}"]`),
    ...arrows,
    "```",
  ].join("\n");
}

function reaches(edges: Edges, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const place of seen) {
    for (const next of edges.get(place) ?? []) {
      if (next === to) return true;
      seen.add(next);
    }
  }
  return false;
}

/** Every part of a package: what it is for, and what it imports. */
function table(imports: Imports): string {
  const edges = edgesOf(imports, nameOf);
  const rows = [...edges].sort().map(([name, row]) => {
    const files = [...imports].filter(([file]) => nameOf(file) === name);
    const outside = files.flatMap(([, list]) => list.map(({ to }) => to)).filter(isOutside);
    const what = partOf(files[0][0])?.what ?? "";
    return [name, what, [...row].sort().join(", "), [...new Set(outside)].sort().join(", ")];
  });
  return markdown([["part", "what it is for", "imports", "of other projects"], ...rows]);
}

/** Another project's package, or Node as one. */
function isOutside(to: string): boolean {
  return packageOf(to) === undefined && !to.startsWith("node:") && !to.startsWith("astro:");
}

function markdown([head, ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
