/**
 * PyTorch, where Python has it: a process of its own that evaluates the same block when it is told to. It is told to
 * do many at a time, so that telling it (some tens of microseconds) does not count.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Absent, type Contestant, consume } from "../contestant.ts";
import { BLOCK, type NetworkBlock } from "./network-block.ts";

const SCRIPT = fileURLToPath(new URL("torch_block.py", import.meta.url));
/** What one order takes at least (s). */
const ORDER_SECONDS = 0.02;

/** Make it ready. @param python the interpreter @throws Absent where it has no torch */
export async function torchNetwork({ model, windows }: NetworkBlock, python: string): Promise<Contestant> {
  if (torchVersion(python) === null) {
    throw new Absent(`pytorch is left out: ${python} has no torch (--python names another interpreter)`);
  }
  const folder = mkdtempSync(join(tmpdir(), "bench-torch-"));
  const numbers = [
    windows,
    ...model.layers.flatMap(({ units, weight, bias }) => [weight, bias ?? new Float32Array(units)]),
  ];
  writeFileSync(
    join(folder, "block.f32"),
    Buffer.concat(numbers.map((x) => new Uint8Array(x.buffer, x.byteOffset, x.byteLength))),
  );
  const widths = [model.delays.length, ...model.layers.map(({ units }) => units)];
  const child = spawn(python, [SCRIPT, join(folder, "block.f32"), JSON.stringify({ rows: BLOCK, widths })], {
    stdio: ["pipe", "pipe", "inherit"],
    // the libraries under torch go by these
    env: { ...process.env, OMP_NUM_THREADS: "1", MKL_NUM_THREADS: "1" },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("pytorch: its process ended early");
    return value as string;
  };
  const ask = (order: string | number) => {
    child.stdin.write(`${order}\n`);
    return answer();
  };
  await answer(); // that it is ready
  await ask(50);
  const start = performance.now();
  await ask(10);
  const blocks = Math.max(1, Math.ceil((ORDER_SECONDS * 10_000) / (performance.now() - start)));
  return {
    samples: BLOCK * blocks,
    run: async () => consume(Number(await ask(blocks))),
    prove: async () => JSON.parse(await ask("prove")),
    dispose: () => {
      child.stdin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

const versions = new Map<string, string | null>();

/** The version of an interpreter's torch; null where it has none. Asked once: importing it takes seconds. */
export function torchVersion(python: string): string | null {
  const known = versions.get(python);
  if (known !== undefined) return known;
  const ask = ["-c", "import torch; print(torch.__version__)"];
  const { status, stdout } = spawnSync(python, ask, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const version = status === 0 ? stdout.trim() : null;
  versions.set(python, version);
  return version;
}
