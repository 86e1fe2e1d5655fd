/**
 * Debian's own Firefox, driven over WebDriver BiDi by Puppeteer (Playwright asks of it what only later ones know). Its
 * audio contexts run only where there is something to play on: here a PulseAudio server whose only output is silent.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";
import { debianProgram } from "./debian-program.ts";

// one browser is enough of a download for a machine that is not made for this
const firefox = debianProgram({ name: "Firefox", program: "firefox-esr", variable: "FIREFOX_PATH" }, false);
const pulse = debianProgram(
  { name: "PulseAudio", program: "pulseaudio", variable: "PULSEAUDIO_PATH" },
  false,
);

/** Undefined where there is none. */
export const firefoxPath = firefox.path;

/** Why Firefox cannot play here; undefined where it can. */
export const whySilent = pulse.reason;

export interface RunningFirefox {
  browser: Browser;
  close(): Promise<void>;
}

/** Start it, and something to play on where that is to be had. */
export async function launchFirefox(): Promise<RunningFirefox> {
  const sink = await silentSink();
  try {
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: firefoxPath,
      headless: true,
      defaultViewport: { width: 1280, height: 900 },
      timeout: 90_000,
      env: { ...process.env, ...sink.env },
    });
    const close = async () => {
      await browser.close();
      sink.close();
    };
    return { browser, close };
  } catch (error) {
    sink.close();
    throw error;
  }
}

async function silentSink(): Promise<{ env: Record<string, string>; close(): void }> {
  if (pulse.path === undefined) return { env: {}, close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), "neural-string-pulse-"));
  const socket = join(folder, "native");
  const modules = ["module-null-sink", `module-native-protocol-unix socket=${socket} auth-anonymous=1`];
  const server = spawn(
    pulse.path,
    [
      ...["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"],
      ...modules.flatMap((module) => ["-L", module]),
    ],
    { stdio: "ignore", env: { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder } },
  );
  for (let tries = 0; tries < 200 && !existsSync(socket) && server.exitCode === null; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const close = () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { env: { PULSE_SERVER: `unix:${socket}` }, close };
}

/** A describe's name, with the reason where it is skipped. */
export function inFirefox(name: string): string {
  return firefoxPath ? `${name} in Firefox` : `${name} in Firefox (skipped: ${firefox.reason})`;
}
