/**
 * A Redis server of a test's own, on a free port, without a file on the disk. `.ci/run` installs it; on a person's
 * machine without one the tests that need it are skipped.
 */
import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:net";

/** Why there is none; undefined where there is. */
export const redisMissing = missing();

function missing(): string | undefined {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    // where everything is to be tested, a missing server is a fault
    if (process.env.CI) throw new Error("CI: expected redis-server, got none; .ci/run installs it");
    return "redis-server is not installed";
  }
}

/** Start a server. @returns its address, and what ends it */
export async function startRedis(): Promise<{ url: string; stop(): void }> {
  const port = await freePort();
  const server = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise<void>((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (text) => {
      said += text;
      if (said.includes("Ready to accept connections")) resolve();
    });
    server.on("error", reject);
    server.on("exit", () => reject(new Error(`redis-server ended: ${said}`)));
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => void server.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
