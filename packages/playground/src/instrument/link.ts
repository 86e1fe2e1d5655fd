/**
 * Settings as the part of an address after "#", and back. All of them are written, so that a link sounds the same when
 * what a setting begins at has changed. What is wrong with a link is said, and the rest of it taken.
 */
import { complaint, initialSettings, NUMBER_NAMES, OWN_MODEL, type Settings } from "./settings.ts";

/** Of what a link says; a page that meets a later one says so. */
const LINK_VERSION = 1;

/** Write settings. @returns without the "#" */
export function linkOf(settings: Settings): string {
  const { model, strings, chord, quality, palm } = settings;
  const parts: [string, string][] = [
    ["v", String(LINK_VERSION)],
    ["model", model],
    ["strings", strings.join(".")],
    ["chord", chord],
    ["quality", quality],
    ["palm", palm ? "yes" : "no"],
    ...NUMBER_NAMES.map((name): [string, string] => [name, String(settings[name])]),
  ];
  return new URLSearchParams(parts).toString();
}

/**
 * Read a link.
 * @param hash with or without the "#"; empty = none
 * @param defaultModel for a link that names none, or one that travels in no link
 * @returns settings that are whole whatever the link says, and a sentence about each part that is wrong
 */
export function readLink(hash: string, defaultModel: string): { settings: Settings; problems: string[] } {
  const settings = initialSettings(defaultModel);
  const problems: string[] = [];
  const text = hash.replace(/^#/, "");
  // an anchor is no link of ours
  if (!text.includes("=")) return { settings, problems };
  const parts = new URLSearchParams(text);
  const version = parts.get("v");
  if (version !== String(LINK_VERSION)) {
    problems.push(
      version === null
        ? "This link does not say of which version it is (v=1), so it was left alone."
        : `This link is of version ${version.slice(0, 20)}, and this page knows version ${LINK_VERSION}; reload the page, or ask for a new link.`,
    );
    return { settings, problems };
  }
  for (const [name, text] of parts) {
    if (name === "v") continue;
    const value = meant(name, text);
    const wrong = Object.hasOwn(settings, name)
      ? complaint(name as keyof Settings, value)
      : `${name.slice(0, 40)}: not a setting of this instrument`;
    if (wrong !== undefined) problems.push(`In this link, ${wrong}.`);
    else Object.assign(settings, { [name]: value });
  }
  if (settings.model === OWN_MODEL) {
    settings.model = defaultModel;
    problems.push(
      "This link was made with a model of somebody's own, which no link carries; drop its file here to hear it.",
    );
  }
  return { settings, problems };
}

function meant(name: string, text: string): unknown {
  if (name === "palm") return text === "yes" ? true : text === "no" ? false : text;
  if (name === "strings") return text.split(".").map(numberOf);
  return (NUMBER_NAMES as string[]).includes(name) ? numberOf(text) : text;
}

/** A number as one writes it; anything else stays text, to be complained about. */
function numberOf(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
