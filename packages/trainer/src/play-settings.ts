/**
 * Controls and features as a person sets them on the command line: held at a number, or live. What nobody mentions
 * stays 0.
 */
import type { ControlMeaning, ModelHeader } from "@neural-string/shared";
import { UserError } from "@neural-string/shared";
import { controlValues } from "./core/controls.ts";
import type { PlayedString } from "./string-player.ts";

export interface PlaySettings {
  /** Each "index=value", or "kind=value" where the model says what its controls mean; value a number or live. */
  control: readonly string[];
  /** Each "kind=value"; value a number or live. */
  feature: readonly string[];
}

/**
 * Set controls and features.
 * @param startDb level of the note that is gone on from (dB of full scale), for a live velocity; null without one
 * @throws UserError for what the model has not
 */
export function applySettings(
  string: PlayedString,
  header: ModelHeader,
  { control, feature }: PlaySettings,
  startDb: number | null,
): void {
  for (const text of control) setControl(string, header, text, startDb);
  for (const text of feature) setFeature(string, text);
}

function setControl(string: PlayedString, header: ModelHeader, text: string, startDb: number | null): void {
  const [, which, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (which === undefined || (value !== "live" && !Number.isFinite(Number(value)))) {
    throw new UserError(
      `--control ${text}: expected index=number, kind=number or =live, for example 0=0.5 or velocity=live`,
    );
  }
  const meanings = header.kind === "classic" ? (header.controlMeanings ?? []) : [];
  const { controls } = string.model;
  const isIndex = /^\d+$/.test(which);
  const indices = isIndex ? [Number(which)] : meanings.flatMap(({ kind }, i) => (kind === which ? [i] : []));
  if (indices.length === 0) {
    const kinds = [...new Set(meanings.map(({ kind }) => kind))].join(", ") || "none with a name";
    throw new UserError(`--control ${text}: the model has no such control; it has ${kinds}`);
  }
  for (const index of indices) {
    if (index >= controls) {
      throw new UserError(`--control ${text}: the model has ${controls} controls, counted from 0`);
    }
    const number =
      value === "live" ? liveControl(string, header, meanings[index], text, startDb) : Number(value);
    string.resonator.setControl(index, number);
  }
}

/** The value that training gave a control for such a note. */
function liveControl(
  { f0 }: PlayedString,
  header: ModelHeader,
  meaning: ControlMeaning | undefined,
  text: string,
  startDb: number | null,
): number {
  if (meaning === undefined) {
    throw new UserError(
      `--control ${text}: the model does not say what this control means, so it cannot be live; give a number`,
    );
  }
  if (meaning.kind === "velocity" && startDb === null) {
    throw new UserError(
      `--control ${text}: a live velocity is heard in a recording; give --init W.wav, or a number`,
    );
  }
  return controlValues([meaning], { f0, startDb: startDb ?? 0 }, header.f0)[0];
}

function setFeature({ resonator, model }: PlayedString, text: string): void {
  const [, kind, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
  if (kind === undefined || (value !== "live" && !Number.isFinite(Number(value)))) {
    throw new UserError(`--feature ${text}: expected kind=number or kind=live, for example decay=0.3`);
  }
  const features = model.kind === "classic" ? model.features : [];
  const matching = features.flatMap((f, i) => (f.kind === kind ? [i] : []));
  if (matching.length === 0) {
    const kinds = [...new Set(features.map((f) => f.kind))].join(", ") || "none";
    throw new UserError(`--feature ${text}: the model has no such feature; it has ${kinds}`);
  }
  for (const index of matching) {
    if (value !== "live") resonator.setFeature(index, Number(value));
    else if (features[index].mean === null) {
      throw new UserError(
        `--feature ${text}: the model does not know the feature's mean, so it cannot run live; give a number from -1 to 1`,
      );
    } else resonator.setFeatureLive(index);
  }
}
