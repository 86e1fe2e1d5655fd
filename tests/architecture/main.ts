/**
 * `pnpm architecture`: draws docs/architecture.md from the imports. With --check, as `pnpm lint` has it, writes nothing:
 * says where the source breaks a rule or the page is not what would be drawn, and ends with 1.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeWhole } from "@neural-string/trainer/files";
import { programArguments } from "@neural-string/trainer/program-arguments";
import { runMain } from "@neural-string/trainer/run-main";
import { fillArchitecture } from "./draw.ts";
import { readImports } from "./imports.ts";
import { brokenRules } from "./rules.ts";

const PAGE = fileURLToPath(new URL("../../docs/architecture.md", import.meta.url));

const { values } = programArguments(
  `pnpm architecture [--check]

Draws docs/architecture.md from the imports.
  --check        write nothing: say what breaks a rule, or that the page is to be drawn anew
  --help         this text
`,
  { check: { type: "boolean" } },
);

await runMain(() => {
  const imports = readImports();
  const page = readFileSync(PAGE, "utf8");
  const drawn = fillArchitecture(page, imports);
  if (!values.check) {
    writeWhole(PAGE, drawn);
    return 0;
  }
  const broken = brokenRules(imports);
  if (drawn !== page)
    broken.push("docs/architecture.md: the imports have changed; draw it anew: pnpm architecture");
  for (const sentence of broken) process.stderr.write(`${sentence}\n`);
  return broken.length > 0 ? 1 : 0;
});
