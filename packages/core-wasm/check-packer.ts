/** Refuses to be packed by npm: only pnpm replaces the `exports` of our sources by those of what was compiled. */
import { basename } from "node:path";

// not the user agent, which npm leaves as it is where pnpm has called it
const packer = basename(process.env.npm_execpath ?? "none");
if (!packer.startsWith("pnpm")) {
  process.stderr.write(
    `core-wasm: expected to be packed or published by pnpm, got ${packer}; run "pnpm pack" or "pnpm publish", which put the exports of publishConfig in place\n`,
  );
  process.exit(1);
}
