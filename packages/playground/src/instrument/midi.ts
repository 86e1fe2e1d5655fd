/**
 * MIDI messages as events. Web MIDI hands over one complete message at a time, so there is no running status to undo. The
 * range of the pitch wheel is two semitones, until the controller says otherwise by a registered parameter.
 */

export type MidiEvent =
  | { type: "noteOn"; channel: number; note: number; velocity: number }
  | { type: "noteOff"; channel: number; note: number }
  /** -1 .. 1 of the wheel's range, and that range in cents. */
  | { type: "bend"; channel: number; cents: number }
  | { type: "sustain"; isDown: boolean }
  /** 0 .. 1 of what the volume makes of a note: a pedal that swells. */
  | { type: "expression"; value: number }
  | { type: "volume"; value: number }
  | { type: "modulation"; value: number }
  | { type: "brightness"; value: number }
  | { type: "resonance"; value: number }
  | { type: "release"; value: number }
  /** As if all keys of a channel were let go: a held pedal holds them still. */
  | { type: "allNotesOff"; channel: number }
  /** Wheel and pedals as they are when nobody touches them. */
  | { type: "reset" }
  | { type: "panic" };

/** Cents. */
const USUAL_RANGE = 200;
/** The controller that is nothing but an end to naming a parameter. */
const NO_PARAMETER = 0x3fff;

const CONTROLLERS: Record<number, "volume" | "modulation" | "brightness" | "resonance" | "release"> = {
  1: "modulation",
  7: "volume",
  71: "resonance",
  72: "release",
  74: "brightness",
};

/** Reads one port; remembers what each channel has been told about its wheel. */
export class MidiReader {
  readonly #ranges = new Float64Array(16).fill(USUAL_RANGE);
  readonly #parameters = new Uint16Array(16).fill(NO_PARAMETER);

  /**
   * Read a message.
   * @param bytes status, then at most two of data
   * @returns undefined for what means nothing here, or is no message
   */
  read(bytes: ArrayLike<number>): MidiEvent | undefined {
    const [status, data1 = 0, data2 = 0] = Array.from(bytes);
    if (status === undefined || status < 0x80 || data1 > 127 || data2 > 127) return undefined;
    const channel = status & 15;
    switch (status & 0xf0) {
      case 0x90:
        if (bytes.length < 3) return undefined;
        // a note-on of no velocity is a note-off
        return data2 === 0
          ? { type: "noteOff", channel, note: data1 }
          : { type: "noteOn", channel, note: data1, velocity: data2 / 127 };
      case 0x80:
        return bytes.length < 2 ? undefined : { type: "noteOff", channel, note: data1 };
      case 0xe0:
        return bytes.length < 3
          ? undefined
          : { type: "bend", channel, cents: this.#wheel(channel, data1, data2) };
      case 0xb0:
        return bytes.length < 3 ? undefined : this.#controller(channel, data1, data2);
      case 0xf0:
        return status === 0xff ? { type: "panic" } : undefined;
      default:
        return undefined;
    }
  }

  /** 0 is the bottom, 8192 the middle and 16383 the top: both halves reach their ends exactly. */
  #wheel(channel: number, low: number, high: number): number {
    const value = ((high << 7) | low) - 8192;
    return (this.#ranges[channel] * value) / (value < 0 ? 8192 : 8191);
  }

  #controller(channel: number, number: number, value: number): MidiEvent | undefined {
    const simple = CONTROLLERS[number];
    if (simple !== undefined) return { type: simple, value: value / 127 };
    switch (number) {
      case 11:
        return { type: "expression", value: value / 127 };
      case 64:
        return { type: "sustain", isDown: value >= 64 };
      case 120:
        return { type: "panic" };
      case 121:
        this.#parameters[channel] = NO_PARAMETER;
        return { type: "reset" };
      // 124 .. 127 change modes that are not ours, and let all notes go
      case 123:
      case 124:
      case 125:
      case 126:
      case 127:
        return { type: "allNotesOff", channel };
      case 100:
        this.#parameters[channel] = (this.#parameters[channel] & 0x3f80) | value;
        return undefined;
      case 101:
        this.#parameters[channel] = (this.#parameters[channel] & 0x7f) | (value << 7);
        return undefined;
      case 6:
        // parameter 0 is the wheel's range: semitones, then cents
        if (this.#parameters[channel] === 0)
          this.#ranges[channel] = 100 * value + (this.#ranges[channel] % 100);
        return undefined;
      case 38:
        if (this.#parameters[channel] === 0) {
          this.#ranges[channel] = 100 * Math.floor(this.#ranges[channel] / 100) + Math.min(99, value);
        }
        return undefined;
      default:
        return undefined;
    }
  }
}
