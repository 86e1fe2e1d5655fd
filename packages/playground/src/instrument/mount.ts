/**
 * Puts the instrument together: settings from the link, views, keys, and sound once somebody plays. Where files lie is
 * `main.ts`'s business, which knows the bundler.
 */
import { ChordView } from "./chord-view.ts";
import { ControlsView } from "./controls-view.ts";
import { button, choice, labelled, make } from "./dom.ts";
import { Engine, type EngineAssets } from "./engine.ts";
import { KeyboardView } from "./keyboard-view.ts";
import { listenToKeys } from "./keys-view.ts";
import { readLink } from "./link.ts";
import { MetersView } from "./meters-view.ts";
import { MidiView } from "./midi-view.ts";
import { GUITAR_TUNINGS } from "./pitch.ts";
import { Player } from "./player.ts";
import { PRESETS } from "./presets.ts";
import { RecorderView } from "./recorder-view.ts";
import { OWN_MODEL, type Settings } from "./settings.ts";
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
  #starting: Promise<Engine | undefined> | undefined;
  #own: ArrayBuffer | undefined;
  #settling: ReturnType<typeof setTimeout> | undefined;
  readonly #state = make("p", { class: "state", role: "status" });
  readonly #notices = make("div", { class: "notices" });
  readonly #strings: StringsView;
  readonly #keyboard: KeyboardView;
  readonly #controls: ControlsView;
  readonly #chords: ChordView;
  readonly #meters = new MetersView();
  readonly #share: ShareView;
  readonly #recorder: RecorderView;
  readonly #midi: MidiView;
  readonly #model: HTMLSelectElement;
  readonly #tuning: HTMLSelectElement;
  readonly #palm: HTMLButtonElement;
  readonly #start: HTMLButtonElement;

  constructor(place: HTMLElement, options: InstrumentOptions) {
    this.#options = options;
    const { settings, problems } = readLink(location.hash, options.models[0]?.id ?? OWN_MODEL);
    this.#player = new Player(settings, {
      post: (message) => this.#engine?.post(message),
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
    const modelOptions = options.models.map(({ id, title }) => ({ value: id, text: title }));
    this.#model = choice(modelOptions, {}, (model) => this.#set({ model }));
    const tunings = GUITAR_TUNINGS.map(({ name, notes }) => ({ value: notes.join("."), text: name }));
    this.#tuning = choice(tunings, {}, (value) => this.#set({ strings: value.split(".").map(Number) }));
    this.#palm = button("Palm mute", { "aria-pressed": "false", title: "Key: ` or <" }, () =>
      this.#set({ palm: !this.#player.settings.palm }),
    );
    this.#start = button("Start sound", { class: "primary start" }, wake);
    this.#lay(place);
    for (const problem of problems) this.#notice(problem);
    if (!options.models.some(({ id }) => id === settings.model)) {
      if (options.models[0]) {
        this.#notice(
          `In this link, model: this page has no "${settings.model}"; "${options.models[0].title}" plays instead.`,
        );
        this.#player.set({ model: options.models[0].id });
      } else this.#notice("No model ships with this page yet; drop a model.safetensors of your own.");
    }
    listenToKeys(this.#player, { wake, set: (change) => this.#set(change), changed: () => this.#light() });
    this.#takeFiles(place);
    this.#refresh(false);
    const frame = (time: number) => {
      this.#engine?.look();
      this.#strings.draw(time);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  #lay(place: HTMLElement): void {
    const presets = choice(
      [{ value: "", text: "Preset…" }, ...PRESETS.map(({ name }) => ({ value: name, text: name }))],
      {},
      (name) => {
        const preset = PRESETS.find((one) => one.name === name);
        if (preset) this.#set(preset.settings);
      },
    );
    const file = make("input", {
      type: "file",
      accept: ".safetensors",
      class: "visually-hidden",
      id: "own-model",
    });
    file.addEventListener("change", () => {
      const [chosen] = file.files ?? [];
      if (chosen) void this.#takeFile(chosen);
      file.value = "";
    });
    const own = make("label", { for: "own-model", class: "button" }, "Your own model…");
    const strum = (text: string, direction: "down" | "up", key: string) =>
      button(text, { title: `Key: ${key}` }, () => {
        void this.#wake();
        this.#player.strum(direction);
      });
    const panic = button("Panic", { title: "Key: Esc. Ends everything at once." }, () => this.#panic());
    const choose = make(
      "div",
      { class: "row choose" },
      labelled("String", this.#model),
      labelled("Six strings", this.#tuning),
      labelled("Sound", presets),
      make("div", { class: "own" }, file, own),
      this.#start,
    );
    const hand = make(
      "div",
      { class: "row" },
      strum("Strum down", "down", "]"),
      strum("Strum up", "up", "["),
      this.#palm,
      button("Mute strings", { title: "Key: Backspace" }, () => this.#player.choke()),
      panic,
    );
    place.replaceChildren(
      make(
        "div",
        { class: "instrument" },
        this.#notices,
        choose,
        this.#state,
        make(
          "section",
          { class: "card board", "aria-label": "Strings and chords" },
          this.#strings.element,
          this.#chords.element,
          hand,
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
    if (this.#engine?.context.state === "suspended") void this.#engine.context.resume();
    this.#starting ??= this.#begin().catch((error: Error) => {
      this.#starting = undefined;
      this.#start.disabled = false;
      this.#say(`No sound: ${error.message}`);
      return undefined;
    });
    return this.#starting;
  }

  async #begin(): Promise<Engine> {
    this.#start.disabled = true;
    this.#say("Starting…");
    const engine = await Engine.start(this.#options, {
      onPlaying: (level) => this.#player.setModel(level),
      onProgress: (done, of) => this.#say(done < of ? `Tuning: ${done} of ${of} pitches` : "In tune. Play."),
      onLook: (look, count, levels) => {
        this.#strings.show(look, count);
        this.#meters.show(levels, performance.now());
      },
      onRecorded: (samples, isLast) => this.#recorder.take(samples, isLast),
      onFailure: (reason) => this.#notice(reason),
    });
    this.#engine = engine;
    this.#start.hidden = true;
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
      await this.#engine?.load({ bytes, polyphony, stiffness });
    } catch (error) {
      this.#notice(error instanceof Error ? error.message : String(error));
    }
  }

  #set(change: Partial<Settings>): void {
    const before = this.#player.settings;
    this.#player.set(change);
    const after = this.#player.settings;
    this.#refresh();
    const isOther = before.model !== after.model || before.polyphony !== after.polyphony;
    if (!isOther && before.stiffness === after.stiffness) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(
      () => {
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
    this.#palm.setAttribute("aria-pressed", String(settings.palm));
    this.#model.value = settings.model;
    this.#tuning.value = settings.strings.join(".");
    if (share) this.#share.show(settings);
  }

  #light(): void {
    this.#keyboard.light(this.#player.heldNotes);
  }

  #panic(): void {
    this.#player.panic();
    this.#light();
  }

  #takeFiles(place: HTMLElement): void {
    place.addEventListener("dragover", (event) => event.preventDefault());
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer?.files ?? [];
      if (file) void this.#takeFile(file);
    });
  }

  /** Play a file of somebody's own; it never leaves the browser. */
  async #takeFile(file: File): Promise<void> {
    const bytes = await file.arrayBuffer();
    const engine = await this.#wake();
    const { polyphony, stiffness } = this.#player.settings;
    try {
      await engine?.load({ bytes, polyphony, stiffness });
    } catch (error) {
      this.#notice(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#own = bytes;
    this.#model.querySelector(`[value="${OWN_MODEL}"]`)?.remove();
    this.#model.append(make("option", { value: OWN_MODEL }, file.name));
    this.#player.set({ model: OWN_MODEL });
    this.#refresh();
  }

  #say(text: string): void {
    this.#state.textContent = text;
  }

  #notice(text: string): void {
    const notice = make("div", { class: "notice", role: "alert" }, make("p", {}, text));
    notice.append(button("Dismiss", { "aria-label": `Dismiss: ${text}` }, () => notice.remove()));
    this.#notices.append(notice);
  }
}

/** What keys do, to be read. */
function keysCard(): HTMLElement {
  const rows: [string, string][] = [
    ["Z to /, Q to P", "two rows of piano keys; black ones in the rows above"],
    ["[ and ]", "strum up, strum down"],
    ["− and =", "an octave down, up"],
    ["Space", "sustain, while it is held"],
    ["` or <", "palm mute, on and off"],
    ["Backspace", "mute the six strings"],
    ["Esc", "panic: everything ends"],
  ];
  const list = make("dl", { class: "keys" });
  for (const [keys, what] of rows) list.append(make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what));
  return make("section", { class: "card", "aria-label": "Keys" }, make("h2", {}, "Keys"), list);
}
