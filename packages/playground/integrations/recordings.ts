/**
 * Gives the site the recordings that its models are compared with: of every model's config the held-out ones, as they lie
 * in their npm packages (CC BY 3.0), none of them in this repository. Copied into a built site, served while developing.
 */
import { copyFileSync, createReadStream, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TrainConfig, TrainConfigSchema } from "@neural-string/shared";
import { packagedPath } from "@neural-string/trainer/sources";
import type { AstroIntegration } from "astro";
import { recordingFile } from "../src/recording-file.ts";

const MODELS = new URL("../models/", import.meta.url);

/** Files by the names under which the site has them: { "A1v10.ogg": "/…/A1v10.ogg" }. */
function comparedRecordings(): Record<string, string> {
  const folders = readdirSync(MODELS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const configs = folders.map(({ name }): TrainConfig => {
    const text = readFileSync(new URL(`${name}/config.json`, MODELS), "utf8");
    return TrainConfigSchema.parse(JSON.parse(text));
  });
  const sources = configs
    .flatMap(({ judge }) => judge.recordings)
    .filter((source) => typeof source === "string");
  return Object.fromEntries(sources.map((source) => [recordingFile(source), packagedPath(source)]));
}

export function recordings(): AstroIntegration {
  const files = comparedRecordings();
  return {
    name: "recordings",
    hooks: {
      "astro:server:setup": ({ server }) => {
        server.middlewares.use((request, response, next) => {
          const name = /\/recordings\/([^/?]+)/.exec(request.url ?? "")?.[1];
          const path = name && files[name];
          if (!path) return next();
          response.setHeader("content-type", "audio/ogg");
          createReadStream(path).pipe(response);
        });
      },
      "astro:build:done": ({ dir }) => {
        const folder = join(fileURLToPath(dir), "recordings");
        mkdirSync(folder, { recursive: true });
        for (const [name, path] of Object.entries(files)) copyFileSync(path, join(folder, name));
      },
    },
  };
}
