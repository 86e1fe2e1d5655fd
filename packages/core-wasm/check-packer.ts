/** Refuses to be packed by npm: only pnpm replaces the `exports` of our sources by those of what was compiled. */
const packer = process.env.npm_config_user_agent?.split(" ")[0] ?? "none";
if (!packer.startsWith("pnpm/")) {
  process.stderr.write(
    `core-wasm: expected to be packed or published by pnpm, got ${packer}; run "pnpm pack" or "pnpm publish", which put the exports of publishConfig in place\n`,
  );
  process.exit(1);
}
