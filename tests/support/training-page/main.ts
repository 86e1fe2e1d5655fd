/**
 * A page that trains, for tests and for the benchmark: it starts training workers as a page of the site does, gives them
 * recordings that lie on its server, and keeps what they say. Driven from outside through `trainings`.
 */
import type {
  FromTrainingWorker,
  ToTrainingWorker,
  TrainingOptions,
  TrainingRecording,
} from "../../../packages/playground/src/make/training-messages.ts";

/** A recording by the address of its samples, float32. */
export type LyingRecording = Omit<TrainingRecording, "samples"> & { url: string };

/** What a worker has said, without what is large: that is kept here, by the name of its field. */
export interface Said {
  message: FromTrainingWorker["type"];
  /** The message's numbers, words and small objects. */
  facts: Record<string, unknown>;
  /** ms, since its worker was asked to train. */
  at: number;
}

const LARGE = new Set(["model", "resumption", "edrSurface", "sounds"]);

class PageTraining {
  readonly #worker = new Worker(
    new URL("../../../packages/playground/src/make/training-worker.ts", import.meta.url),
    { type: "module" },
  );
  readonly #messages: { message: FromTrainingWorker; at: number }[] = [];
  #waiting: (() => void)[] = [];
  #begun = performance.now();

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromTrainingWorker>) => {
      this.#messages.push({ message: data, at: performance.now() - this.#begun });
      for (const look of this.#waiting.splice(0)) look();
    };
    this.#worker.onerror = ({ message }) => {
      this.#worker.onmessage?.(
        new MessageEvent("message", { data: { type: "failed", message, isOurs: true } }),
      );
    };
  }

  /** Wait for a message of a type, from a step on where it tells one. @returns its place; -1 where it failed instead */
  async heard(type: FromTrainingWorker["type"], fromStep = 0): Promise<number> {
    for (;;) {
      const at = this.#messages.findIndex(
        ({ message }) => message.type === type && (!("step" in message) || message.step >= fromStep),
      );
      if (at >= 0) return at;
      if (this.#messages.some(({ message }) => message.type === "failed")) return -1;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Ask it to train. @param resumption as base64 */
  async train(
    recordings: readonly LyingRecording[],
    options: TrainingOptions,
    resumption?: string,
  ): Promise<void> {
    const loaded = await Promise.all(
      recordings.map(async ({ url, ...known }) => {
        const samples = new Float32Array(await (await fetch(url)).arrayBuffer());
        return { ...known, samples };
      }),
    );
    this.#begun = performance.now();
    this.tell({
      type: "train",
      recordings: loaded,
      options,
      ...(resumption !== undefined && { resumption: bytesOf(resumption) }),
    });
  }

  tell(message: ToTrainingWorker): void {
    this.#worker.postMessage(message);
  }

  /** All that was said so far. */
  said(): Said[] {
    return this.#messages.map(({ message, at }) => ({
      message: message.type,
      facts: Object.fromEntries(Object.entries(message).filter(([name]) => !LARGE.has(name))),
      at,
    }));
  }

  /** A message's model or resumption, as base64. */
  bytes(at: number, field: "model" | "resumption"): string {
    const message = this.#messages[at].message as unknown as Record<string, ArrayBuffer>;
    let text = "";
    for (const byte of new Uint8Array(message[field])) text += String.fromCharCode(byte);
    return btoa(text);
  }

  /** What a message shows: how large its pictures and sounds are. */
  shown(at: number): { cells: number[]; samples: number[] } {
    const { message } = this.#messages[at];
    if (message.type !== "done" && message.type !== "checkpoint") return { cells: [], samples: [] };
    const { edrSurface, sounds } = message;
    return {
      cells: edrSurface ? Object.values(edrSurface).map(({ values }) => values.length) : [],
      samples: sounds ? [sounds.target.length, sounds.render.length] : [],
    };
  }

  end(): void {
    this.#worker.terminate();
  }
}

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
}

Object.assign(globalThis, { startTraining: () => new PageTraining() });

export type { PageTraining };
