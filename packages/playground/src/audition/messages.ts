/** What the audition's page and its worker say to each other. */
import type { Audition, AuditionRequest } from "./analyse.ts";

/** recordings: the address under which the site has recordings. */
export type ToWorker = { id: number; wasm: ArrayBuffer; recordings: string; request: AuditionRequest };

export type FromWorker =
  | { id: number; type: "done"; audition: Audition }
  /** reason: one sentence; isOurs: a defect, and not the file's fault; isModel: the model can be read, it is something else. */
  | { id: number; type: "failed"; reason: string; isOurs: boolean; isModel: boolean };
