/** The connection to Redis (or Valkey), and what keeps its password out of sentences. */
import { UserError } from "@neural-string/shared";
import { Redis, type RedisOptions } from "ioredis";

/** The queue that every sweep's trials go through; workers serve all of them. */
export const QUEUE = "neural-string-trials";

/** How long the first answer may take. */
const PATIENCE_MS = 5000;

/**
 * Connect, and wait for an answer.
 * @param url redis://[user:password@]host[:port][/db], or rediss:// for TLS
 * @throws UserError where nobody answers, or not as Redis does
 */
export async function connect(url: string): Promise<Redis> {
  const options = optionsOf(url);
  // the first time one try is enough; later, a server that restarts is waited for
  const probe = new Redis(url, { ...options, connectTimeout: PATIENCE_MS, retryStrategy: () => null });
  const errors: string[] = [];
  probe.on("error", (error: Error) => errors.push(error.message));
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    const reason = errors[0] ?? (error as Error).message;
    throw new UserError(
      `--queue ${placeOf(url)}: expected a Redis or Valkey server, got no answer (${reason}); start it, or correct the address`,
    );
  } finally {
    probe.disconnect();
  }
  const redis = new Redis(url, options);
  redis.on("error", () => {}); // ioredis connects again by itself
  await redis.connect();
  return redis;
}

/** How BullMQ connects to the same place. */
export function bullConnection(url: string) {
  return { url, ...optionsOf(url) };
}

function optionsOf(url: string): Pick<RedisOptions, "maxRetriesPerRequest" | "lazyConnect"> {
  let parsed: URL | undefined;
  try {
    parsed = new URL(url);
  } catch {}
  if (parsed === undefined || !["redis:", "rediss:"].includes(parsed.protocol)) {
    throw new UserError("--queue: expected redis://host:port or rediss://host:port, got something else");
  }
  // BullMQ's demand: its commands wait for a server that comes back
  return { maxRetriesPerRequest: null, lazyConnect: true };
}

/** Where a queue is, without user and password. */
export function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
