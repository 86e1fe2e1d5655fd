// losses.bin: whole rows or none, cut back where a run is resumed, refused in one sentence where it is something else.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LossHeader, UserError } from "@neural-string/shared";
import { LossFile, readLosses } from "@neural-string/trainer/loss-file";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";

const folder = temporaryFolder();
const path = join(folder, "losses.bin");
const HEADER: LossHeader = {
  schema: 1,
  of: "samples",
  loss: "mse",
  window: 1,
  sampleRate: 8000,
  recordings: ["a.wav", "ä</script>.wav"],
  examples: { recording: [0, 0, 1], sample: [5, 70, 9], levelDb: [-3, -4, -5], relative: [0.1, -1, 0] },
};
const row = (step: number) => ({
  step,
  losses: Float32Array.of(step + 0.5, Number.POSITIVE_INFINITY, -1e-9),
});

function written(...steps: number[]): LossFile {
  const file = new LossFile(path, HEADER);
  for (const step of steps) file.append(row(step));
  return file;
}

describe("the file of losses", () => {
  test("gives back what was written, bit for bit", () => {
    written(0, 70, 2 ** 32 - 1);
    expect(readLosses(path)).toEqual({ header: HEADER, rows: [row(0), row(70), row(2 ** 32 - 1)] });
  });

  test("is what three lines of a reader expect: a length, JSON, rows of a step and a number each", () => {
    written(3);
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString("utf8"))).toEqual(HEADER);
    expect(bytes.length).toBe(8 + length + 4 * 4);
    expect(bytes.readUInt32LE(8 + length)).toBe(3);
    expect(bytes.readFloatLE(8 + length + 4)).toBe(3.5);
  });

  test("a row that was left half is no row, and the next run begins after the last whole one", () => {
    written(0, 10, 20);
    truncateSync(path, readFileSync(path).length - 3);
    expect(readLosses(path).rows).toEqual([row(0), row(10)]);
    LossFile.resume(path, HEADER, 10).append(row(20));
    expect(readLosses(path).rows).toEqual([row(0), row(10), row(20)]);
  });

  test("a resumed run forgets the rows after its checkpoint, and reaches the bytes of one left alone", () => {
    written(0, 10, 20, 30);
    const whole = readFileSync(path);
    const file = LossFile.resume(path, HEADER, 15);
    expect(readLosses(path).rows).toEqual([row(0), row(10)]);
    file.append(row(20));
    file.append(row(30));
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  test("a resumed run knows its examples whatever the order in which their header was put together", () => {
    const { examples, ...rest } = HEADER;
    const other = { examples: { ...examples, relative: [0.1, -1, -0] }, ...rest };
    new LossFile(path, other).append(row(0));
    LossFile.resume(path, other, 0).append(row(10));
    expect(readLosses(path).rows).toEqual([row(0), row(10)]);
  });

  test.each([
    ["none", (p: string) => truncateSync(p, 0)],
    ["damaged", (p: string) => writeFileSync(p, "losses")],
  ])("where there is %s, a resumed run begins a new one", (_, spoil) => {
    written(0, 10);
    spoil(path);
    LossFile.resume(path, HEADER, 10).append(row(20));
    expect(readLosses(path).rows).toEqual([row(20)]);
  });

  test("rows of other examples are not gone on with", () => {
    written(0, 10);
    const other = { ...HEADER, examples: { ...HEADER.examples, sample: [6, 70, 9] } };
    LossFile.resume(path, other, 10);
    expect(readLosses(path)).toEqual({ header: other, rows: [] });
  });

  test.each([
    ["too short for a length", Buffer.from([1, 2, 3])],
    ["of a length beyond its end", Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 0x7b])],
    ["of a length of exabytes", Buffer.alloc(16, 255)],
  ])("%s it is refused in one sentence", (_, bytes) => {
    writeFileSync(path, bytes);
    expect(() => readLosses(path)).toThrow(
      new UserError(
        `${path}: expected the losses of a run, with a header of JSON, got something else; delete it`,
      ),
    );
  });

  test("columns of different lengths and recordings that nobody names are refused", () => {
    for (const examples of [
      { ...HEADER.examples, sample: [1] },
      { ...HEADER.examples, recording: [0, 0, 2] },
    ]) {
      new LossFile(path, { ...HEADER, examples });
      appendFileSync(path, Buffer.alloc(16));
      expect(() => readLosses(path)).toThrow(/expected columns of one length, and recordings that are named/);
    }
  });
});
