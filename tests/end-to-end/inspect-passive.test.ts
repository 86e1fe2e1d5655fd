// pnpm inspect of a passive string, as a person sees it and as a program reads it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeModelFile } from "@neural-string/shared";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { lines, start, succeed } from "../support/cli.ts";
import { makePassiveModel } from "../support/passive-models.ts";

const folder = temporaryFolder();

test("shows filters, certificate, decay times, excitations and origin", async () => {
  const { header, tensors } = makePassiveModel({ filters: 3, controls: 1, excitations: 2 });
  const provenance = { recordings: [{ name: "e.wav", sha256: "0123456789abcdef", licence: "CC0-1.0" }] };
  writeFileSync(
    join(folder, "p.safetensors"),
    writeModelFile({ header: { ...header, provenance }, tensors }),
  );
  const [text, json] = await Promise.all([
    succeed(folder, "inspect", "p.safetensors"),
    succeed(folder, "inspect", "p.safetensors", "--json"),
  ]);
  expect(text).toMatch(/^p\.safetensors: a passive string "random 1", schema 1$/m);
  expect(text).toMatch(/at most 0\.99 claimed, 0\.98999\d+ recomputed: holds; no T60 above 4\.28 s at f0/);
  expect(text).toMatch(/"pluck 1" +12\.5 ms +-17\.0 dB/);
  expect(text).toMatch(/^ {2}learned from e\.wav, 0123456789ab, CC0-1\.0$/m);
  expect(lines(json)).toHaveLength(1);
  const said = JSON.parse(json);
  expect(said).toMatchObject({ type: "model", header: { kind: "passive" }, longestDelay: 65 });
  expect(said.certificate.gain).toBeLessThan(0.99);
  expect(said.partials[0]).toMatchObject({ partial: 1 });
  expect(said.partials[0].t60).toHaveLength(4);
  expect(said.deviationDb).toBeNull();
});

test("forges no lines and no colours, whatever the file says and is called", async () => {
  const { header, tensors } = makePassiveModel();
  const forged = "a\n  check     plays\x1b[31m\x9b2Jred";
  const recording = { name: forged, sha256: "0123456789abcdef", licence: forged, attribution: forged };
  const said = { ...header, name: forged, provenance: { recordings: [recording] } };
  writeFileSync(join(folder, "f.safetensors"), writeModelFile({ header: said, tensors }));
  const text = await succeed(folder, "inspect", "f.safetensors");
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  expect(text).not.toMatch(/^ {2}check/m);
  expect(text).toContain('a passive string "a\\n  check     plays\\u001b[31m\ufffd2Jred", schema 1');
});

test("a refused argument is repeated without what moves a terminal", async () => {
  for (const words of [["\x1b[31mfoo\nbar"], ["runs", "--\x1b[31mfoo"], ["train", "--seed", "\x1b[31mfoo"]]) {
    const { code, stdout, stderr } = await start(folder, ...words).ended;
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^[^\p{Cc}]+\[31mfoo[^\p{Cc}]*\n$/u);
  }
});
