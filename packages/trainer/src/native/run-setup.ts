/**
 * `pnpm setup:tfjs-node`. Exit code 0: it works. 2: it cannot be had here, for the reason given in one line. 1: a defect
 * of ours.
 */
import { UserError } from "@neural-string/shared";
import { programArguments } from "../program-arguments.ts";
import { runMain } from "../run-main.ts";
import { findInstallation, nodeProblem } from "./installation.ts";
import { setUp } from "./setup.ts";
import { realWork } from "./work.ts";

programArguments(
  `pnpm setup:tfjs-node

Makes TensorFlow's native backend work here, where that is possible: tfjs-node's own download, or TensorFlow from
Python's registry (some 250 MB).
  --help         this text
`,
  {},
);

await runMain(async () => {
  const node = nodeProblem();
  if (node !== null) throw new UserError(`${node}; use that, or the wasm backend`);
  const installation = findInstallation();
  if (installation === null) {
    throw new UserError("tfjs-node: the package is not installed; run pnpm install without --no-optional");
  }
  await setUp(
    installation,
    realWork((text) => process.stdout.write(`${text}\n`)),
  );
  return 0;
});
