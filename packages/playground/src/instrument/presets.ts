/** Settings that go together, by name. What a preset does not say stays as it is: the model above all. */
import type { Settings } from "./settings.ts";
import { initialSettings } from "./settings.ts";

export interface Preset {
  name: string;
  settings: Partial<Settings>;
}

const { model: _, ...AS_LEARNED } = initialSettings("any");

/** Sound and touch, as they begin; strings and chord stay. */
const {
  strings: _strings,
  chord: _chord,
  quality: _quality,
  octave: _octave,
  polyphony: _polyphony,
  ...SOUND
} = AS_LEARNED;

export const PRESETS: readonly Preset[] = [
  { name: "As learned", settings: SOUND },
  { name: "Near the bridge", settings: { ...SOUND, position: 0.06, brightness: 0.25 } },
  { name: "Over the twelfth fret", settings: { ...SOUND, position: 0.5, softness: 0.8 } },
  { name: "Palm mute", settings: { ...SOUND, palm: true, position: 0.1, volume: 3 } },
  { name: "Soft fingers", settings: { ...SOUND, softness: 1, brightness: -0.35, position: 0.3 } },
  { name: "Harp", settings: { ...SOUND, release: 6, position: 0.4, softness: 0.7, strum: 55 } },
  { name: "Pizzicato", settings: { ...SOUND, damping: 0.55, release: 0.1, position: 0.25 } },
  { name: "Stiff bar", settings: { ...SOUND, stiffness: 4, damping: 0.25, brightness: 0.2 } },
  { name: "Ideal string", settings: { ...SOUND, stiffness: 0, position: 0.14 } },
  { name: "One plane only", settings: { ...SOUND, polarisation: -1 } },
];

/** The preset that settings are; undefined once one of its settings is another. */
export function presetOf(settings: Settings): Preset | undefined {
  return PRESETS.find((preset) =>
    Object.entries(preset.settings).every(([name, value]) => settings[name as keyof Settings] === value),
  );
}
