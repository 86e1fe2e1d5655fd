/** Who may import whom. `pnpm lint` holds the source to it; docs/architecture.md lists it. */
import { closureOf, type Imports } from "./imports.ts";

interface Rule {
  says: string;
  /** The files it binds. */
  of: RegExp;
  /** What they may import themselves. */
  only?: RegExp;
  /** What neither they nor what they import, and so on, may import when they run. */
  never?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    says: "Kernels import kernels: AssemblyScript knows nothing else.",
    of: /^packages\/core-wasm\/assembly\//,
    only: /^packages\/core-wasm\/assembly\//,
  },
  {
    says: "core-wasm imports nothing but itself, so that any project and any worklet can have it.",
    of: /^packages\/core-wasm\/src\//,
    only: /^packages\/core-wasm\/src\//,
  },
  {
    says: "shared, the contracts, imports itself, zod, and what tells a misspelt name; it runs anywhere.",
    of: /^packages\/shared\/src\//,
    only: /^(packages\/shared\/src\/|zod$|fastest-levenshtein$)/,
  },
  {
    says: "Training (trainer/src/core), measures, and all they import are free of Node.",
    of: /^packages\/trainer\/src\/(core|measure)\//,
    never: /^node:/,
  },
  {
    says: "Measures, notes and reports never load tfjs: what judges a sound does not know how it was made.",
    of: /^packages\/trainer\/src\/(measure|note|report)\//,
    never: /^@tensorflow\//,
  },
  {
    says: "In the trainer tfjs is training's (core), and its choice of a backend's.",
    of: /^packages\/trainer\/src\/(?!core\/|backend\.ts)/,
    only: /^(?!@tensorflow\/)/,
  },
  {
    says: "What runs in a page, and all it imports, is free of Node: nothing of the trainer but what is so too.",
    of: /^packages\/playground\/src\/(audio|audition|instrument|landing|make|demos|plots)\//,
    never: /^node:/,
  },
  {
    says: "The trainer knows nothing of the playground.",
    of: /^packages\/trainer\//,
    only: /^(?!packages\/playground\/)/,
  },
  { says: "Nothing imports tests or examples.", of: /^packages\//, only: /^(?!(tests|examples)\/)/ },
];

const NO_CYCLES = "No file imports itself by way of others when it runs.";

/** The rules, in words. */
export const SENTENCES: readonly string[] = [...RULES.map(({ says }) => says), NO_CYCLES];

/** Where the source breaks a rule, a sentence each; empty where it breaks none. */
export function brokenRules(imports: Imports): string[] {
  const broken: string[] = [];
  for (const { says, of, only, never } of RULES) {
    const bound = [...imports.keys()].filter((file) => of.test(file));
    if (bound.length === 0) broken.push(`no file is bound by "${says}"; mend the rule`);
    for (const file of bound) {
      for (const { to } of imports.get(file) ?? []) {
        if (only && !only.test(to)) broken.push(`${file} imports ${to}: ${says}`);
      }
    }
    if (!never) continue;
    for (const [to, path] of closureOf(imports, bound)) {
      if (never.test(to)) broken.push(`${path.join(" imports ")}: ${says}`);
    }
  }
  return [...broken, ...cycles(imports).map((path) => `${path.join(" imports ")}: ${NO_CYCLES}`)];
}

/** Each way around that a search from file to file comes upon. */
function cycles(imports: Imports): string[][] {
  const found: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file) || path.includes(file)) return;
    for (const { to, isType, isThread } of imports.get(file) ?? []) {
      if (!isType && !isThread) visit(to, [...path, file]);
    }
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
