/** What can be done with a string once there is one: name it, save it, hear it elsewhere on the site, send it in a link. */

import { encodeWav } from "@neural-string/shared/encode-wav";
import { coreBytes } from "../audio/core-files.ts";
import { fileName } from "./file-name.ts";
import { type HandedOn, keep } from "./keep.ts";
import { MOST_CHARACTERS, packModel } from "./link.ts";
import { saveFile } from "./save-file.ts";
import type { SourceFile, Statement } from "./statement.ts";
import type { StudioClient } from "./studio.ts";

/** Seconds of the WAV. */
const WAV_SECONDS = 10;

/** A string as it was trained here, or came with a link. */
export interface StringAtHand {
  model: Uint8Array;
  /** What it was made from; null where the file says so itself. */
  sources: SourceFile[] | null;
}

export interface KeepViewEvents {
  studio: StudioClient;
  /** The string to keep; null = none. */
  string(): StringAtHand | null;
  /** What audition is to compare it with. */
  recording(): HandedOn["recording"];
  onStatement(): void;
  onProblem(sentence: string): void;
}

const find = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;

export class KeepView {
  readonly #events: KeepViewEvents;
  readonly #name = find<HTMLInputElement>("#name");
  readonly #licence = find<HTMLSelectElement>("#licence");
  readonly #attribution = find<HTMLInputElement>("#attribution");
  readonly #says = find("#link-says");

  constructor(events: KeepViewEvents) {
    this.#events = events;
    for (const field of [this.#name, this.#licence, this.#attribution]) {
      field.addEventListener("change", () => {
        this.#says.textContent = "";
        events.onStatement();
      });
    }
    this.#on("#save-model", async (bytes) => {
      saveFile(`${this.#fileName}.safetensors`, bytes, "application/octet-stream");
    });
    this.#on("#save-wav", async (model) => {
      const { samples, sampleRate } = await events.studio.ask("render", {
        wasm: await coreBytes(),
        model,
        f0: null,
        seconds: WAV_SECONDS,
      });
      saveFile(`${this.#fileName}.wav`, encodeWav(samples, sampleRate), "audio/wav");
    });
    this.#on("#copy-link", (bytes) => this.#copyLink(bytes));
    for (const id of ["#play-it", "#judge-it"]) {
      this.#on(id, (bytes) => this.#handOn(bytes, find<HTMLAnchorElement>(id).href));
    }
  }

  get statement(): Statement {
    return {
      name: this.#name.value,
      licence: this.#licence.value,
      attribution: this.#attribution.value,
    };
  }

  set statement({ name, licence, attribution }: Statement) {
    this.#name.value = name;
    this.#licence.value = licence;
    this.#attribution.value = attribution;
  }

  /** Show what there is to keep. */
  show(): void {
    const string = this.#events.string();
    find("#keep").hidden = string === null;
    // what a link brought states its own origin
    find(".statement").hidden = string !== null && string.sources === null;
  }

  /** Another string: what was said of a link does not hold any more. */
  forgetLink(): void {
    this.#says.textContent = "";
  }

  get #fileName(): string {
    return fileName(this.#name.value, "string");
  }

  /** The string's bytes, with what was stated of it. */
  async #bytes(): Promise<Uint8Array> {
    const string = this.#events.string();
    if (string === null) throw new Error("There is no string yet.");
    const { model, sources } = string;
    if (sources === null) return model;
    return this.#events.studio.ask("state", { model, statement: this.statement, sources });
  }

  #on(selector: string, act: (bytes: Uint8Array) => Promise<void>): void {
    find(selector).addEventListener("click", async (event) => {
      event.preventDefault();
      try {
        await act(await this.#bytes());
      } catch (error) {
        this.#events.onProblem(error instanceof Error ? error.message : String(error));
      }
    });
  }

  async #handOn(bytes: Uint8Array, href: string): Promise<void> {
    const isKept = await keep("handed on", {
      name: this.#name.value.trim() || "Your string",
      model: bytes as Uint8Array<ArrayBuffer>,
      recording: this.#events.recording(),
    });
    if (!isKept) {
      throw new Error(
        "This browser keeps nothing for this site (a private window?); save model.safetensors, and drop it there.",
      );
    }
    location.href = href;
  }

  async #copyLink(bytes: Uint8Array): Promise<void> {
    const packed = await packModel(bytes);
    const size = `${Math.ceil(packed.length / 1000)} kB`;
    if (packed.length > MOST_CHARACTERS) {
      this.#says.textContent = `This string is too large for a link (${size}; browsers open ${MOST_CHARACTERS / 1000} kB). Save model.safetensors and send that.`;
      return;
    }
    const link = `${location.origin}${location.pathname}#${packed}`;
    try {
      await navigator.clipboard.writeText(link);
      this.#says.textContent = `Copied: the whole string lies in the link (${size}), after the #, which is sent to no server. Some messengers cut long links; the file goes everywhere.`;
    } catch {
      history.replaceState(null, "", link);
      this.#says.textContent = `Not copied (the browser forbids it); take it from the address bar (${size}).`;
    }
  }
}
