/**
 * What a model that ships weighs and what is proved and measured of it, for the first page: read from its file while the
 * site is built, which happens in the package's folder.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readModelFile } from "@neural-string/shared";
import { learnedNumbers } from "../src/learned-numbers.ts";
import type { ModelRecord } from "../src/models.ts";

/** A figure, and what it is. */
export type Fact = [figure: string, what: string];

const kilobytes = (size: number) => `${Math.round(size / 1000)} kB`;

/** @param id of the model, its folder's name @param record how it was judged when it was made */
export function modelFacts(id: string, record: ModelRecord | undefined): Fact[] {
  const file = `models/${id}/model.safetensors`;
  const bytes = readFileSync(file);
  const { header, tensors } = readModelFile(bytes, file);
  const player = readFileSync("../core-wasm/build/simd.wasm");
  const pitch = record?.judgements[0]?.verdicts.find(({ unit }) => unit === "cents")?.value;
  const facts: Fact[] = [
    [learnedNumbers(tensors).toLocaleString("en"), "numbers learned"],
    [kilobytes(bytes.length), "the whole string, its plucks included"],
    [kilobytes(gzipSync(player).length), "the player, compressed, no dependencies"],
  ];
  if (header.kind === "passive") {
    facts.push([`× ${header.certificate.gain.toFixed(4)}`, "most that any frequency keeps per trip, proved"]);
  }
  if (typeof pitch === "number") {
    facts.push([`${pitch.toFixed(1)} cents`, "off pitch on a recording it never heard"]);
  }
  return facts;
}
