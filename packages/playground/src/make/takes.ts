/** The recordings on the page: taken from files and the microphone, looked at, kept, and handed to training. */
import { encodeWav } from "@neural-string/shared/encode-wav";
import { coreBytes } from "../audio/core-files.ts";
import { type HandedOn, keep } from "./keep.ts";
import type { Speaker } from "./speaker.ts";
import type { SourceFile } from "./statement.ts";
import type { StudioClient } from "./studio.ts";
import { NO_HASH, type Sound, type Take } from "./take.ts";
import { TakeView } from "./take-view.ts";
import type { TrainingRecording } from "./training-messages.ts";

/** More at once would fill a phone's memory, and teach little. */
const MOST_TAKES = 8;
/** Seconds of a recording: a file that somebody dropped by mistake must not fill the memory either. */
const MOST_SECONDS = 120;

export interface TakesEvents {
  studio: StudioClient;
  speaker: Speaker;
  onChange(): void;
  onProblem(sentence: string): void;
}

export class Takes {
  readonly #place: HTMLElement;
  readonly #events: TakesEvents;
  #views: TakeView[] = [];

  constructor(place: HTMLElement, events: TakesEvents) {
    this.#place = place;
    this.#events = events;
  }

  get isEmpty(): boolean {
    return this.#views.length === 0;
  }

  /** Whether all of them can be learned from. */
  get areUsable(): boolean {
    return !this.isEmpty && this.#views.every(({ preflight }) => preflight?.isUsable === true);
  }

  /** What they are called in a model's provenance. */
  get sources(): SourceFile[] {
    return this.#views.map(({ take }) => ({ name: take.name, sha256: take.sha256 }));
  }

  /** The first of them, whole, to compare a string with. */
  get first(): HandedOn["recording"] {
    const take = this.#views[0]?.take;
    if (take === undefined) return null;
    const { name, samples, sampleRate, sha256 } = take;
    const bytes = encodeWav(samples, sampleRate) as Uint8Array<ArrayBuffer>;
    return { name, bytes, sha256: sha256 ?? NO_HASH };
  }

  /** What training gets: the chosen stretches, from the note's onset on. */
  recordings(): TrainingRecording[] {
    return this.#views.flatMap(({ take, preflight, stretch }): TrainingRecording[] => {
      if (preflight?.f0 == null) return [];
      const { start } = preflight.stretch;
      return [
        {
          name: take.name,
          samples: take.samples.slice(start, stretch.end) as Float32Array<ArrayBuffer>,
          sampleRate: take.sampleRate,
          onset: 0,
          f0: preflight.f0,
          inharmonicity: preflight.inharmonicity ?? undefined,
          sha256: take.sha256 ?? undefined,
        },
      ];
    });
  }

  /** Read files. Says what is wrong with those that cannot be read. */
  async takeFiles(files: Iterable<File>): Promise<void> {
    for (const file of files) {
      if (this.#views.length >= MOST_TAKES) {
        this.#events.onProblem(`${file.name}: there are ${MOST_TAKES} recordings already; remove one first.`);
        return;
      }
      try {
        await this.add(await this.#read(file), "file");
      } catch (error) {
        this.#events.onProblem(error instanceof Error ? error.message : String(error));
      }
    }
  }

  /** What the microphone heard. */
  async takeRecorded(samples: Float32Array, sampleRate: number): Promise<void> {
    const count = this.#views.filter(({ take }) => take.origin === "microphone").length + 1;
    const sha256 = await this.#events.studio.ask("hash", { bytes: encodeWav(samples, sampleRate) });
    await this.add({ name: `pluck ${count}`, sampleRate, samples, sha256, notes: [] }, "microphone");
  }

  /** A string that was computed, for whoever has no recording at hand. */
  async takeExample(): Promise<void> {
    await this.add(await this.#events.studio.ask("example", { wasm: await coreBytes() }), "file");
  }

  /** Show one more, and look at it. */
  async add(sound: Sound, origin: Take["origin"]): Promise<void> {
    const most = MOST_SECONDS * sound.sampleRate;
    const isCut = sound.samples.length > most;
    const notes = isCut ? [...sound.notes, `only its first ${MOST_SECONDS} s are used`] : sound.notes;
    const samples = isCut ? sound.samples.slice(0, most) : sound.samples;
    const take: Take = { ...sound, samples, notes, origin, id: this.#freeId(), stretch: null, f0: null };
    await this.#show(take);
  }

  /** As they were when the page was left. */
  async restore(takes: readonly Take[]): Promise<void> {
    for (const take of takes) await this.#show(take);
  }

  removeAll(): void {
    for (const { element } of this.#views) element.remove();
    this.#views = [];
    this.#changed();
  }

  draw(): void {
    for (const view of this.#views) view.draw();
  }

  async #show(take: Take): Promise<void> {
    const view = new TakeView(take, {
      speaker: this.#events.speaker,
      look: ({ samples, sampleRate, stretch, f0 }) =>
        this.#events.studio.ask("preflight", { samples, sampleRate, stretch, f0 }),
      onChange: () => this.#changed(),
      onRemove: () => {
        view.element.remove();
        this.#views = this.#views.filter((other) => other !== view);
        this.#changed();
      },
    });
    this.#views.push(view);
    this.#place.append(view.element);
    view.draw();
    await view.look();
  }

  #changed(): void {
    void keep(
      "takes",
      this.#views.map(({ take }) => take),
    );
    this.#events.onChange();
  }

  #freeId(): string {
    const used = new Set(this.#views.map(({ take }) => take.id));
    let id = 1;
    while (used.has(`${id}`)) id++;
    return `${id}`;
  }

  /** The trainer's decoders give what training in Node would get; what they do not know, the browser may. */
  async #read(file: File): Promise<Sound> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    try {
      return await this.#events.studio.ask("decode", { name: file.name, bytes });
    } catch (error) {
      const decoded = await decodedByBrowser(bytes);
      if (decoded === null) throw error;
      const sha256 = await this.#events.studio.ask("hash", { bytes });
      const notes = [`decoded by your browser, at ${decoded.sampleRate / 1000} kHz`];
      return { name: file.name, ...decoded, sha256, notes };
    }
  }
}

/** null where the browser cannot either. It resamples what it decodes to the context's rate. */
async function decodedByBrowser(
  bytes: Uint8Array,
): Promise<{ samples: Float32Array; sampleRate: number } | null> {
  const sampleRate = 48000;
  try {
    const context = new OfflineAudioContext(1, 1, sampleRate);
    const buffer = await context.decodeAudioData(bytes.slice().buffer);
    return { samples: buffer.getChannelData(0).slice(), sampleRate };
  } catch {
    return null;
  }
}
