/**
 * Puts the instrument together: settings from the link, views, keys, and sound once somebody plays. Where files lie is
 * `main.ts`'s business, which knows the bundler.
 */
import { takeDropped } from "../dropped-files.ts";
import { isSound } from "../sound-file.ts";
import { ChooseView } from "./choose-view.ts";
import { ChordView } from "./chord-view.ts";
import { ControlsView } from "./controls-view.ts";
import { make } from "./dom.ts";
import { EarlyNotes } from "./early-notes.ts";
import { Engine, type EngineAssets } from "./engine.ts";
import { HandView } from "./hand-view.ts";
import { KeyboardView } from "./keyboard-view.ts";
import { keysCard } from "./keys-card.ts";
import { listenToKeys } from "./keys-view.ts";
import { readLink } from "./link.ts";
import { MetersView } from "./meters-view.ts";
import { MidiView } from "./midi-view.ts";
import { NoticesView } from "./notices-view.ts";
import { Player } from "./player.ts";
import { RecorderView } from "./recorder-view.ts";
import { OWN_MODEL, type Settings, shifted } from "./settings.ts";
import { ShareView } from "./share-view.ts";
import { StringsView } from "./strings-view.ts";

export interface InstrumentModel {
  id: string;
  title: string;
  /** One sentence. */
  text: string;
  bytes(): Promise<ArrayBuffer>;
}

export interface InstrumentOptions extends EngineAssets {
  models: readonly InstrumentModel[];
}

/** Milliseconds after the last move of a slider that strings are tuned anew, or made anew. */
const SETTLED_MS = 200;

/** Fill an element with the instrument. Nothing sounds, and no audio context is made, before somebody plays. */
export function mountInstrument(place: HTMLElement, options: InstrumentOptions): void {
  new InstrumentPage(place, options);
}

class InstrumentPage {
  readonly #options: InstrumentOptions;
  readonly #player: Player;
  #engine: Engine | undefined;
  readonly #early = new EarlyNotes();
  #starting: Promise<Engine | undefined> | undefined;
  #own: ArrayBuffer | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Another model, or another number of voices, is to be loaded once that has settled. */
  #isOther = false;
  readonly #state = make("p", { class: "state", role: "status" });
  readonly #notices = new NoticesView();
  readonly #choose: ChooseView;
  readonly #hand: HandView;
  readonly #strings: StringsView;
  readonly #keyboard: KeyboardView;
  readonly #controls: ControlsView;
  readonly #chords: ChordView;
  readonly #meters = new MetersView();
  readonly #share: ShareView;
  readonly #recorder: RecorderView;
  readonly #midi: MidiView;

  constructor(place: HTMLElement, options: InstrumentOptions) {
    this.#options = options;
    const settings = this.#linked();
    this.#player = new Player(settings, {
      post: (message) => {
        this.#engine?.post(message);
        if (!this.#engine?.isPlaying) this.#early.keep(message);
      },
      now: () => this.#engine?.context.currentTime ?? 0,
    });
    const wake = () => void this.#wake();
    this.#strings = new StringsView(this.#player, wake);
    this.#keyboard = new KeyboardView({
      press: (source, note, velocity) => {
        wake();
        this.#player.noteOn(source, note, velocity);
        this.#light();
      },
      release: (source) => {
        this.#player.noteOff(source);
        this.#light();
      },
      shift: (octaves) => this.#set(shifted(this.#player.settings, octaves)),
    });
    this.#controls = new ControlsView((name, value) => this.#set({ [name]: value }));
    this.#chords = new ChordView((change) => this.#set(change));
    this.#share = new ShareView(settings);
    this.#recorder = new RecorderView({
      begin: async () => {
        const engine = await this.#wake();
        engine?.post({ type: "record", isOn: true });
        return engine?.sampleRate;
      },
      end: () => this.#engine?.post({ type: "record", isOn: false }),
    });
    this.#midi = new MidiView(wake, (event) => {
      const change = this.#player.midi(event);
      if (Object.keys(change).length > 0) this.#refresh();
      this.#light();
    });
    this.#choose = new ChooseView(options.models, {
      set: (change) => this.#set(change),
      take: (file) => void this.#takeFile(file),
      start: wake,
    });
    this.#hand = new HandView({
      strum: (direction) => {
        wake();
        this.#player.strum(direction);
      },
      turnPalm: () => this.#set({ palm: !this.#player.settings.palm }),
      choke: () => this.#player.choke(),
      panic: () => this.#panic(),
    });
    this.#lay(place);
    listenToKeys(this.#player, { wake, set: (change) => this.#set(change), changed: () => this.#light() });
    takeDropped(place, ([file]) => void this.#takeFile(file));
    // a link that is pasted while the page is open changes nothing but the address
    addEventListener("hashchange", () => location.hash.includes("=") && this.#set(this.#linked()));
    this.#refresh(false);
    const frame = (time: number) => {
      this.#engine?.look();
      this.#strings.draw(time);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** What the address says, with a notice for each part of it that cannot be. */
  #linked(): Settings {
    const { models } = this.#options;
    const [first] = models;
    const { settings, problems } = readLink(location.hash, first?.id ?? OWN_MODEL);
    for (const problem of problems) this.#notices.add(problem);
    if (models.some(({ id }) => id === settings.model)) return settings;
    this.#notices.add(
      first === undefined
        ? "No model ships with this page yet; drop a model.safetensors of your own."
        : `In this link, model: this page has no "${settings.model}"; "${first.title}" plays instead.`,
    );
    return { ...settings, model: first?.id ?? settings.model };
  }

  #lay(place: HTMLElement): void {
    place.replaceChildren(
      make(
        "div",
        { class: "instrument" },
        this.#notices.element,
        this.#choose.element,
        this.#state,
        make(
          "section",
          { class: "card board", "aria-label": "Strings and chords" },
          this.#strings.element,
          this.#chords.element,
          this.#hand.element,
        ),
        this.#meters.element,
        make("section", { class: "board", "aria-label": "Keyboard" }, this.#keyboard.element),
        make("div", { class: "row keep" }, this.#recorder.element, this.#share.element),
        this.#controls.element,
        make("div", { class: "columns" }, this.#midi.element, keysCard()),
      ),
    );
    this.#say("Touch a string, press a key: sound begins then.");
  }

  /** Start sound if it has not begun; called in a gesture. */
  #wake(): Promise<Engine | undefined> {
    this.#starting ??= this.#begin().catch((error: Error) => {
      this.#starting = undefined;
      this.#choose.showStart("failed");
      this.#say(`No sound: ${error.message}`);
      return undefined;
    });
    return this.#starting;
  }

  async #begin(): Promise<Engine> {
    this.#choose.showStart("starting");
    this.#say("Starting…");
    const engine = await Engine.start(this.#options, {
      onPlaying: (level) => {
        this.#player.setModel(level);
        for (const message of this.#early.take(engine.context.currentTime)) engine.post(message);
      },
      onProgress: (done, of) => this.#say(done < of ? `Tuning: ${done} of ${of} pitches` : "In tune. Play."),
      onLook: (look, count, levels) => {
        this.#strings.show(look, count);
        this.#meters.show(levels, performance.now());
      },
      onRecorded: (samples, isLast) => this.#recorder.take(samples, isLast),
      onFailure: (reason) => this.#notices.add(reason),
    });
    this.#engine = engine;
    this.#choose.showStart("started");
    await this.#load();
    return engine;
  }

  async #load(): Promise<void> {
    const { model, polyphony, stiffness } = this.#player.settings;
    const chosen = this.#options.models.find(({ id }) => id === model);
    try {
      const bytes = model === OWN_MODEL ? this.#own : await chosen?.bytes();
      if (bytes === undefined)
        throw new Error("There is no model to play; drop a model.safetensors of your own.");
      // fetching took a while: another may have been chosen
      if (model !== this.#player.settings.model) return;
      await this.#engine?.load({ bytes, polyphony, stiffness });
    } catch (error) {
      this.#notices.add(error instanceof Error ? error.message : String(error));
    }
  }

  #set(change: Partial<Settings>): void {
    const before = this.#player.settings;
    this.#player.set(change);
    const after = this.#player.settings;
    this.#refresh();
    // what has not been done yet is not forgotten over what is set next
    this.#isOther ||= before.model !== after.model || before.polyphony !== after.polyphony;
    if (!this.#isOther && before.stiffness === after.stiffness) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(
      () => {
        const isOther = this.#isOther;
        this.#isOther = false;
        if (this.#engine === undefined) return;
        if (isOther) void this.#load();
        else this.#engine.retune(after.stiffness);
      },
      before.model === after.model ? SETTLED_MS : 0,
    );
  }

  /** @param share whether the address is to follow: not before anything was changed */
  #refresh(share = true): void {
    const { settings } = this.#player;
    this.#controls.show(settings);
    this.#chords.show(settings);
    this.#strings.refresh();
    this.#keyboard.setFrom(12 * (settings.octave + 1));
    this.#meters.setVoices(settings.polyphony);
    this.#hand.show(settings);
    this.#choose.show(settings);
    if (share) this.#share.show(settings);
  }

  #light(): void {
    this.#keyboard.light(this.#player.heldNotes);
  }

  #panic(): void {
    this.#player.panic();
    this.#light();
  }

  /** Play a file of somebody's own; it never leaves the browser. */
  async #takeFile(file: File): Promise<void> {
    const bytes = await file.arrayBuffer();
    if (isSound(new Uint8Array(bytes, 0, Math.min(4, bytes.byteLength)))) {
      this.#notices.add(
        `${file.name}: a recording, and the instrument plays models; the Listen page compares the two.`,
      );
      return;
    }
    const engine = await this.#wake();
    const { polyphony, stiffness } = this.#player.settings;
    try {
      if (!(await engine?.load({ bytes, polyphony, stiffness }))) return;
    } catch (error) {
      this.#notices.add(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#own = bytes;
    this.#choose.addOwn(file.name);
    this.#player.set({ model: OWN_MODEL });
    this.#refresh();
  }

  #say(text: string): void {
    this.#state.textContent = text;
  }
}
