/**
 * The computer keyboard as two rows of piano keys, by the keys' places and not their letters, so that every layout has the
 * same shape: the lower rows begin at C, the upper ones an octave above.
 */

const LOWER = "KeyZ KeyS KeyX KeyD KeyC KeyV KeyG KeyB KeyH KeyN KeyJ KeyM Comma KeyL Period Semicolon Slash";
const UPPER =
  "KeyQ Digit2 KeyW Digit3 KeyE KeyR Digit5 KeyT Digit6 KeyY Digit7 KeyU KeyI Digit9 KeyO Digit0 KeyP";

const SEMITONES = new Map<string, number>();
for (const [i, code] of UPPER.split(" ").entries()) SEMITONES.set(code, 12 + i);
// where the rows overlap, either plays the note
for (const [i, code] of LOWER.split(" ").entries()) SEMITONES.set(code, i);

/** What a key does in the instrument. */
export type KeyAction =
  | { do: "note"; semitone: number }
  | { do: "octave"; by: number }
  | { do: "strum"; direction: "down" | "up" }
  | { do: "sustain" }
  /** The palm, on and off. */
  | { do: "palm" }
  /** The flat hand: the six strings stop. */
  | { do: "choke" }
  | { do: "panic" };

const OTHERS: Record<string, KeyAction> = {
  BracketRight: { do: "strum", direction: "down" },
  BracketLeft: { do: "strum", direction: "up" },
  Minus: { do: "octave", by: -1 },
  Equal: { do: "octave", by: 1 },
  Space: { do: "sustain" },
  Backquote: { do: "palm" },
  IntlBackslash: { do: "palm" },
  Backspace: { do: "choke" },
  Escape: { do: "panic" },
};

/** @param code of a KeyboardEvent @returns undefined for a key that means nothing here */
export function actionOf(code: string): KeyAction | undefined {
  const semitone = SEMITONES.get(code);
  return semitone === undefined ? OTHERS[code] : { do: "note", semitone };
}

/**
 * What is printed on the keys, by their places, where the browser tells (Chrome and Edge do): a French keyboard has a W
 * where an American one has its Z.
 */
export async function letters(): Promise<ReadonlyMap<string, string> | undefined> {
  const { keyboard } = navigator as Navigator & {
    keyboard?: { getLayoutMap(): Promise<ReadonlyMap<string, string>> };
  };
  return keyboard?.getLayoutMap().catch(() => undefined);
}

/**
 * The letter or digit that plays a semitone above the keyboard's C, for labels; "" for none.
 * @param printed by a key's place; default: an American keyboard's
 */
export function labelOf(semitone: number, printed?: ReadonlyMap<string, string>): string {
  for (const [code, at] of SEMITONES) {
    if (at !== semitone) continue;
    const letter = printed?.get(code);
    if (letter !== undefined) return letter.toUpperCase();
    return code.replace(/^(Key|Digit)/, "").replace(/^(Comma|Period|Semicolon|Slash)$/, "");
  }
  return "";
}
