/** The audition's worker: rendering and measuring take seconds, and the page stays alive meanwhile. */
import { Core } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import { openModelBytes } from "../audio/open-model.ts";
import { type AuditionRequest, audition } from "./analyse.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
};

scope.onmessage = async ({ data: { id, wasm, recordings, request } }) => {
  const fetchRecording = async (name: string) => {
    const response = await fetch(`${recordings}${name}`).catch(() => undefined);
    if (!response?.ok) {
      throw new UserError(
        `${name}: this site cannot give it now; open a recording of your own to compare with`,
      );
    }
    return new Uint8Array(await response.arrayBuffer());
  };
  try {
    const result = await audition(new Core(wasm), request, fetchRecording);
    scope.postMessage({ id, type: "done", audition: result });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isModel = canBeRead(request.model);
    scope.postMessage({ id, type: "failed", reason, isOurs: !(error instanceof UserError), isModel });
  }
};

function canBeRead({ bytes, name }: AuditionRequest["model"]): boolean {
  try {
    openModelBytes(bytes, name);
    return true;
  } catch {
    return false;
  }
}
