/** The computer's keyboard, for the whole page: what a key means unless the control that has the focus wants it. */
import { takesKeys } from "./dom.ts";
import { actionOf } from "./keys.ts";
import type { Player } from "./player.ts";
import { type Settings, shifted } from "./settings.ts";

const KEY_VELOCITY = 0.65;
const LOUD_VELOCITY = 0.95;

export interface KeysEvents {
  /** Sound may have to be started, in this gesture. */
  wake(): void;
  set(change: Partial<Settings>): void;
  /** Held notes have changed. */
  changed(): void;
}

/** Listen until the page goes away. Shift makes notes louder. */
export function listenToKeys(player: Player, events: KeysEvents): void {
  const down = new Set<string>();
  document.addEventListener("keydown", (event) => {
    const { code } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || takesKeys(event.target, code)) return;
    const action = actionOf(code);
    if (action === undefined) return;
    if (action.do !== "panic") event.preventDefault();
    if (event.repeat || down.has(code)) return;
    down.add(code);
    const velocity = event.shiftKey ? LOUD_VELOCITY : KEY_VELOCITY;
    const { octave, palm } = player.settings;
    switch (action.do) {
      case "note":
        events.wake();
        player.noteOn(`key:${code}`, 12 * (octave + 1) + action.semitone, velocity);
        break;
      case "strum":
        events.wake();
        player.strum(action.direction, velocity);
        break;
      case "octave":
        events.set(shifted(player.settings, action.by));
        break;
      case "sustain":
        player.sustain(true);
        break;
      case "palm":
        events.set({ palm: !palm });
        break;
      case "choke":
        player.choke();
        break;
      case "panic":
        player.panic();
    }
    events.changed();
  });
  const release = (code: string) => {
    if (!down.delete(code)) return;
    if (actionOf(code)?.do === "sustain") player.sustain(false);
    else player.noteOff(`key:${code}`);
    events.changed();
  };
  document.addEventListener("keyup", ({ code }) => release(code));
  // a key that is let go elsewhere says nothing here
  window.addEventListener("blur", () => {
    for (const code of [...down]) release(code);
  });
}
