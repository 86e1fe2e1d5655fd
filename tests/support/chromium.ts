/** The browser that browser tests drive: a Chromium of the machine's, found or installed here and nowhere else. */
import { type Browser, chromium } from "playwright-core";
import { debianProgram } from "./debian-program.ts";

const found = debianProgram({ name: "Chromium", program: "chromium", variable: "CHROMIUM_PATH" }, true);

/** Undefined where there is none. */
export const chromiumPath = found.path;

const ARGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --mute-audio";

/** Start it. @param more flags, for a microphone that is none, say */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: [...ARGS.split(" "), ...more] });
}

/** A describe's name, with the reason where it is skipped. */
export function inChromium(name: string): string {
  return chromiumPath ? `${name} in Chromium` : `${name} in Chromium (skipped: ${found.reason})`;
}
