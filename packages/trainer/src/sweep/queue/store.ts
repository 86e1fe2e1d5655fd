/**
 * Recordings and run folders on their way between machines: in Redis, by the hash of their content, in chunks. What
 * does not have its hash is refused, whoever put it there.
 */
import { createHash } from "node:crypto";
import { UserError } from "@neural-string/shared";
import type { Redis } from "ioredis";

/** Bytes of a chunk: small beside Redis' limit of 512 MiB, large beside the way there and back. */
export const CHUNK = 1 << 20;
/** What nobody has asked for in so long is taken away by Redis. */
const KEPT_SECONDS = 14 * 24 * 3600;

/** A file's content, by its hash. */
export interface Content {
  sha256: string;
  bytes: number;
}

/** The run files of one job: apart from all others, since they are taken away when the job is done. */
export function jobStore(redis: Redis, jobId: string): Store {
  return new Store(redis, hashOf(Buffer.from(jobId)).slice(0, 32));
}

/** Contents that come and go together. */
export class Store {
  readonly #redis: Redis;
  readonly #prefix: string;

  /** @param name of this part of what is stored: hexadecimal digits */
  constructor(redis: Redis, name: string) {
    this.#redis = redis;
    this.#prefix = `neural-string:content:${name}`;
  }

  /** Put a content there, unless it is there. */
  async put(bytes: Uint8Array): Promise<Content> {
    const sha256 = hashOf(bytes);
    const size = this.#sizeKey(sha256);
    if ((await this.#redis.get(size)) === String(bytes.length)) {
      await this.#redis.expire(size, KEPT_SECONDS);
      return { sha256, bytes: bytes.length };
    }
    for (let i = 0; i * CHUNK < bytes.length; i++) {
      const part = Buffer.from(bytes.subarray(i * CHUNK, (i + 1) * CHUNK));
      await this.#redis.set(this.#chunkKey(sha256, i), part, "EX", KEPT_SECONDS + 3600);
    }
    // last: a content that has a size is whole
    await this.#redis.set(size, bytes.length, "EX", KEPT_SECONDS);
    return { sha256, bytes: bytes.length };
  }

  /**
   * Get a content.
   * @throws UserError where it is missing, of another size, or of another content
   */
  async get({ sha256, bytes }: Content, what: string): Promise<Buffer> {
    const size = await this.#redis.get(this.#sizeKey(sha256));
    if (size !== String(bytes)) {
      const got = size === null ? "nothing (it was given up, or never sent)" : `${size} bytes`;
      throw new UserError(`${what}: expected ${bytes} bytes of its content in the queue's store, got ${got}`);
    }
    const whole = Buffer.alloc(bytes);
    for (let i = 0; i * CHUNK < bytes; i++) {
      const part = await this.#redis.getBuffer(this.#chunkKey(sha256, i));
      const expected = Math.min(CHUNK, bytes - i * CHUNK);
      if (part?.length !== expected) {
        throw new UserError(
          `${what}: expected ${expected} bytes in chunk ${i} of its content, got ${part?.length ?? "none"}`,
        );
      }
      part.copy(whole, i * CHUNK);
    }
    if (hashOf(whole) !== sha256)
      throw new UserError(
        `${what}: its content in the queue's store is not what its hash says; it is refused`,
      );
    return whole;
  }

  /** Take contents away. */
  async remove(contents: readonly Content[]): Promise<void> {
    const keys = contents.flatMap(({ sha256, bytes }) => [
      this.#sizeKey(sha256),
      ...Array.from({ length: Math.ceil(bytes / CHUNK) }, (_, i) => this.#chunkKey(sha256, i)),
    ]);
    if (keys.length > 0) await this.#redis.unlink(...keys);
  }

  #sizeKey(sha256: string): string {
    return `${this.#prefix}:${sha256}`;
  }

  #chunkKey(sha256: string, i: number): string {
    return `${this.#prefix}:${sha256}:${i}`;
  }
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
