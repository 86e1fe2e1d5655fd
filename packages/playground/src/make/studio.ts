/** The page's side of the listening worker: asks, and waits for the answer. The worker starts when it is first asked. */
import type { FromStudio, Studio, StudioName, ToStudio } from "./studio-messages.ts";

/** A worker that went away, or a defect in it. */
const BROKEN = "The part of this page that listens broke down; reload the page.";

export class StudioClient {
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, { resolve(answer: never): void; reject(error: Error): void }>();
  #lastJob = 0;

  /**
   * Ask.
   * @throws Error with one sentence, to be shown
   */
  ask<Name extends StudioName>(name: Name, ask: Studio[Name]["ask"]): Promise<Studio[Name]["answer"]> {
    const job = ++this.#lastJob;
    const answer = new Promise<Studio[Name]["answer"]>((resolve, reject) => {
      this.#waiting.set(job, { resolve, reject });
    });
    this.#worker ??= this.#start();
    this.#worker.postMessage({ job, name, ask } as ToStudio);
    return answer;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./studio-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: { data: FromStudio }) => {
      const waiting = this.#waiting.get(data.job);
      this.#waiting.delete(data.job);
      if ("answer" in data) waiting?.resolve(data.answer as never);
      else waiting?.reject(new Error(data.isOurs ? `This is a defect of ours: ${data.reason}` : data.reason));
    };
    worker.onerror = () => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) reject(new Error(BROKEN));
      this.#waiting.clear();
    };
    return worker;
  }
}
