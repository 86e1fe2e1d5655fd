/** Asks for MIDI when it is asked to, listens to whatever is plugged in, and says in a sentence where it cannot. */
import { button, make } from "./dom.ts";
import { type MidiEvent, MidiReader } from "./midi.ts";

const CHANNELS = 16;

export class MidiView {
  readonly element: HTMLElement;
  readonly #notice = make("p", { class: "aside", role: "status" });
  readonly #wake: () => void;
  readonly #hear: (event: MidiEvent) => void;
  readonly #readers = new Map<string, MidiReader>();

  /** @param wake called in the click that connects: a MIDI key is no gesture that may start sound */
  constructor(wake: () => void, hear: (event: MidiEvent) => void) {
    this.#wake = wake;
    this.#hear = hear;
    const hasMidi = typeof navigator.requestMIDIAccess === "function";
    const connect = button("Connect MIDI", { class: "midi-connect", disabled: !hasMidi }, () =>
      this.#connect(),
    );
    this.#say(
      hasMidi
        ? "Velocity, bend, sustain (64), modulation (1), volume (7), expression (11), damping (71), release (72) and brightness (74) are heard, from E1 to C6."
        : "This browser has no Web MIDI (Safari has none on any device); Chrome, Edge and Firefox on a computer do.",
      !hasMidi,
    );
    this.element = make(
      "section",
      { class: "card", "aria-label": "MIDI" },
      make("h2", {}, "MIDI"),
      connect,
      this.#notice,
    );
  }

  async #connect(): Promise<void> {
    this.#wake();
    this.#say("The browser asks whether this page may use MIDI…");
    try {
      const access = await navigator.requestMIDIAccess();
      access.onstatechange = () => this.#listen(access);
      this.#listen(access);
    } catch (error) {
      const isRefused = error instanceof DOMException && /NotAllowed|Security/.test(error.name);
      this.#say(
        isRefused
          ? "MIDI was not allowed. To allow it, open the site's settings beside its address, then press Connect MIDI again."
          : `MIDI cannot be used here: ${error instanceof Error ? error.message : String(error)}`,
        true,
      );
    }
  }

  #listen(access: MIDIAccess): void {
    const names: string[] = [];
    this.#forgetGone(access);
    for (const input of access.inputs.values()) {
      if (input.state !== "connected") continue;
      names.push(input.name ?? "an unnamed device");
      const reader = this.#readers.get(input.id) ?? new MidiReader();
      this.#readers.set(input.id, reader);
      input.onmidimessage = ({ data }) => {
        const event = data ? reader.read(data) : undefined;
        if (event !== undefined) this.#hear(event);
      };
    }
    this.#say(
      names.length > 0
        ? `Listening to ${names.join(", ")}.`
        : "No MIDI device is plugged in; one that is will be heard at once.",
    );
  }

  /** What a device held down when it was unplugged, nobody lets go any more. */
  #forgetGone(access: MIDIAccess): void {
    for (const id of [...this.#readers.keys()]) {
      if (access.inputs.get(id)?.state === "connected") continue;
      this.#readers.delete(id);
      for (let channel = 0; channel < CHANNELS; channel++) this.#hear({ type: "allNotesOff", channel });
      this.#hear({ type: "reset" });
    }
  }

  #say(text: string, isNotice = false): void {
    this.#notice.textContent = text;
    this.#notice.classList.toggle("notice", isNotice);
  }
}
