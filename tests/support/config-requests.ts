/** Config files and requests for the tests of what is made of them. */
import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "@neural-string/shared";
import { type ConfigRequest, resolveConfig } from "@neural-string/trainer/config";
import { expect } from "vitest";
import { repositoryRoot, temporaryFolder } from "./audio-files.ts";

/** Removed after the test file. */
export const folder = temporaryFolder();
/** Names of the committed configs. */
export const configs = readdirSync(join(repositoryRoot, "packages/trainer/configs")).map((file) =>
  basename(file, ".json"),
);
export const recordings = ["a.wav"];

/** A config file. @returns its path */
export function write(name: string, content: string | object): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** What is said of a request. */
export function refusal(request: ConfigRequest): string {
  try {
    resolveConfig(request);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    // what is known where is the schema's own matter, and grows; so do the committed configs
    return (error as Error).message
      .replaceAll(`${folder}/`, "")
      .replace(/known here: .*/, "known here: ...")
      .replace(configs.join(", "), "(the committed ones)");
  }
  return "no error";
}
