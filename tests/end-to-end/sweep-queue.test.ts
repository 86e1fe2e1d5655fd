// A sweep over a real Redis and two workers, one of which is killed in mid-trial: the sweep ends complete, nothing is
// lost or recorded twice, and what arrives is what a run of its own would have made. Jobs that are not ours are refused.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type QueuedTrial, TrainConfigSchema } from "@neural-string/shared";
import { readJournal } from "@neural-string/trainer/sweep/journal";
import { connect, QUEUE } from "@neural-string/trainer/sweep/queue/connection";
import { validated } from "@neural-string/trainer/sweep/queue/queue-worker";
import { CHUNK, Store } from "@neural-string/trainer/sweep/queue/store";
import { idOf } from "@neural-string/trainer/sweep/trial";
import { Queue, QueueEvents } from "bullmq";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { generatePlucks, lines, listFiles, start, succeed, writeTinyConfig } from "../support/cli.ts";
import { redisMissing, startRedis } from "../support/redis.ts";

const folder = temporaryFolder();
const title = `sweep --queue${redisMissing === undefined ? "" : ` (skipped: ${redisMissing})`}`;
const worker = (url: string, name: string, ...more: string[]) =>
  start(
    folder,
    ...["sweep", "worker", "--queue", url, "--workers", "1", "--patience-seconds", "2", "--folder", name],
    ...more,
  );
const endings: (() => void)[] = [];
afterAll(() => {
  for (const end of endings) end();
});

describe.skipIf(redisMissing !== undefined)(title, () => {
  let url = "";

  beforeAll(async () => {
    const redis = await startRedis();
    endings.push(redis.stop);
    url = redis.url;
    writeTinyConfig(folder, { training: { steps: 300, batchSize: 32 }, selection: { evaluations: 10 } });
    await generatePlucks(folder);
  });

  test("two workers, one killed in mid-trial: complete, nothing twice, the bytes of a run of its own", async () => {
    const args = ["sweep", "--config", "tiny.json", "--recordings", "a.wav", "--judge", "b.wav"];
    const over = ["--over", "training.batchSize=16,24,32,48"];
    const sweep = start(folder, ...args, ...over, "--folder", "far", "--queue", url, "--json");
    endings.push(() => sweep.child.kill("SIGKILL"));
    const doomed = worker(url, "doomed");
    endings.push(() => doomed.child.kill("SIGKILL"));
    await doomed.says(/trial \d+ of far: taken/);
    const taken = Number(/trial (\d+) of far: taken/.exec(doomed.said())?.[1]);
    // it has begun to train
    const isTraining = () => listFiles(join(folder, "doomed")).some((path) => path.endsWith("log.jsonl"));
    while (!isTraining()) await new Promise((resolve) => setTimeout(resolve, 20));
    const other = worker(url, "other");
    endings.push(() => other.child.kill("SIGKILL"));
    doomed.child.kill("SIGKILL");
    await doomed.ended;

    const { code, stderr } = await sweep.ended;
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    other.child.kill("SIGTERM");
    const { stdout } = await other.ended;
    // whoever takes it up says so; the dead worker's trial is among them
    expect(stdout).toContain(`trial ${taken} of far: finished`);

    const journal = readJournal(join(folder, "far", "journal.jsonl")).lines;
    const outcomes = journal.filter((line) => line.type === "outcome");
    expect(outcomes.map(({ number }) => number).toSorted()).toEqual([1, 2, 3, 4]);
    for (const { outcome } of outcomes) expect(outcome).toMatchObject({ status: "finished", step: 300 });
    const trials = readdirSync(join(folder, "far", "trials")).toSorted();
    expect(trials).toHaveLength(4);

    await succeed(
      folder,
      ...["train", "a.wav", "--judge", "b.wav", "--config", "tiny.json"],
      ...["--set", `training.batchSize=${[16, 24, 32, 48][taken - 1]}`, "--run-dir", "alone"],
    );
    const far = join(folder, "far", "trials", trials[taken - 1]);
    expect(listFiles(far)).toEqual(listFiles(join(folder, "alone")));
    for (const file of ["model.safetensors", "render.wav", "metrics.json", "config.json"]) {
      expect(readFileSync(join(far, file)).equals(readFileSync(join(folder, "alone", file))), file).toBe(
        true,
      );
    }

    // nothing of the sweep is left in Redis, but what the killed worker may have begun to send
    const redis = await connect(url);
    const keys = await redis.keys(`bull:${QUEUE}:*-*`);
    // BullMQ's own, which is gone a stalled interval after the last worker
    expect(keys.filter((key) => !key.endsWith(":stalled-check"))).toEqual([]);
    redis.disconnect();
  }, 600_000);

  test("a job that is not ours is refused in one sentence, and the worker goes on", async () => {
    const { child, ended, says } = worker(url, "careful", "--json");
    endings.push(() => child.kill("SIGKILL"));
    const connection = { url, maxRetriesPerRequest: null };
    const queue = new Queue(QUEUE, { connection });
    const events = new QueueEvents(QUEUE, { connection });
    await events.waitUntilReady();
    const job = await queue.add("trial", { job: { schema: 1, sweep: "x", id: "../../x" } }, { attempts: 1 });
    await expect(job.waitUntilFinished(events)).rejects.toThrow(
      "job: job.id: expected a SHA-256 of 64 hexadecimal digits, got",
    );
    await says(/"type":"refused"/);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^refused: job: job\.id/m);
    expect(lines(stdout).map((line) => JSON.parse(line))).toEqual([
      { type: "worker", queue: url, workers: 1, pid: child.pid },
      { type: "refused", reason: expect.stringMatching(/^job: job\.id: /) },
    ]);
    await queue.obliterate({ force: true });
    await events.close();
    await queue.close();
  });

  test("a store gives back what was put, in chunks, and nothing that is not what its hash says", async () => {
    const redis = await connect(url);
    const store = new Store(redis, "0123456789abcdef");
    for (const length of [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5]) {
      const bytes = Buffer.from(Array.from({ length: 251 }, (_, i) => i)).toString("latin1");
      const content = Buffer.alloc(length, bytes, "latin1");
      const known = await store.put(content);
      expect((await store.get(known, "a")).equals(content)).toBe(true);
      if (length <= CHUNK) continue;
      const key = `neural-string:content:0123456789abcdef:${known.sha256}:1`;
      await redis.setrange(key, 7, "other");
      await expect(store.get(known, "a.wav")).rejects.toThrow(
        "a.wav: its content in the queue's store is not",
      );
      await redis.set(key, "short");
      await expect(store.get(known, "a.wav")).rejects.toThrow("a.wav: expected 1048576 bytes in chunk 1");
      await expect(store.get({ ...known, bytes: 2 ** 29 }, "a.wav")).rejects.toThrow(
        "a.wav: expected 536870912",
      );
      await store.remove([known]);
      expect(await redis.keys(`*${known.sha256}*`)).toEqual([]);
    }
    redis.disconnect();
  });
});

describe("validated", () => {
  const config = TrainConfigSchema.parse({ recordings: ["/etc/passwd"], training: { steps: 5 } });
  const data = [{ source: "/etc/passwd", name: "passwd", sha256: "0".repeat(64), bytes: 7 }];
  const order = (change: object, files: object[] = []): unknown => ({
    job: { schema: 1, sweep: "s", number: 1, id: idOf(config, data), config, data, pauseAt: null, ...change },
    store: "0123456789abcdef",
    files,
  });

  test("takes an order whose recordings are contents", () => {
    expect((validated(order({})) as QueuedTrial).job.number).toBe(1);
  });

  test.each<[string, unknown, string]>([
    [
      "a path of this machine",
      order({ data: [], id: idOf(config, []) }),
      "a worker opens no files of its own",
    ],
    [
      "a name that leads elsewhere",
      order({ data: [{ ...data[0], name: "../x" }] }),
      "expected a file's name without folders",
    ],
    [
      "a name of dots",
      order({ data: [{ ...data[0], name: ".." }] }),
      "expected a file's name without folders",
    ],
    [
      "a content without end",
      order({ data: [{ ...data[0], bytes: 2 ** 60 }] }),
      "job.data.0.bytes: expected at most",
    ],
    ["another's hash", order({ id: "1".repeat(64) }), "job.id: expected the hash of its config and data"],
    ["a config that is none", order({ config: { recordings: 3 } }), "job.config.recordings: expected a list"],
    ["more than is known", order({ command: "rm" }), "job.command: unknown key"],
    [
      "a file outside of the run",
      order({}, [{ path: "../x", sha256: "0".repeat(64), bytes: 1 }]),
      "expected a path within a run",
    ],
    [
      "a hidden file",
      order({}, [{ path: "a/.x", sha256: "0".repeat(64), bytes: 1 }]),
      "expected a path within a run",
    ],
    ["nothing", null, "job: expected an object"],
  ])("refuses %s", (_, data, sentence) => {
    expect(() => validated(data)).toThrow(sentence);
  });
});
