// `pnpm playground`: the site served while it is changed, until it is ended.
import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT, readText } from "../support/markdown.ts";
import { plainEnvironment } from "../support/plain-environment.ts";

test("serves a page, and ends when it is told to", async () => {
  const [built, script] = JSON.parse(readText("package.json")).scripts.playground.split(" && ");
  expect(built).toBe("node packages/core-wasm/build.ts");
  expect(script).toBe("pnpm --filter @neural-string/playground dev");
  const args = ["-y", "pnpm@12", "--filter", "@neural-string/playground", "dev", "--port", "0"];
  const child = spawn("npx", args, {
    cwd: ROOT,
    // a group of its own: npx, pnpm, a shell and astro end together
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: plainEnvironment(),
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = "";
      const listen = (text: Buffer) => {
        said += text;
        const [found] = /http:\/\/localhost:\d+\//.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      ended.then(() => reject(new Error(`it ended: ${said}`)));
    });
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("<title>");
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await ended;
  }
}, 180_000);
