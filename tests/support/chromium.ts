/** The browser that browser tests drive: a Chromium of the machine's, found here and nowhere else. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "chromium"));

/** Undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM_PATH ?? "", "/usr/bin/chromium", ...onPath].find(
  existsSync,
);

const ARGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --mute-audio";

/** Start it. @param more flags, for a microphone that is none, say */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: [...ARGS.split(" "), ...more] });
}

/** A describe's name, with the reason where it is skipped. */
export function inChromium(name: string): string {
  return chromiumPath
    ? `${name} in Chromium`
    : `${name} in Chromium (skipped: no chromium; set CHROMIUM_PATH)`;
}
