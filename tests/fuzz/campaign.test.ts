// What watches the cases sees what it is there to see: an error, a hang, a death, a hoard, a polluted prototype; and
// keeps the case that did it.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/audio-files.ts";
import { runCampaign } from "./campaign.ts";
import { TARGETS } from "./planted.ts";

const corpus = temporaryFolder();
const module = new URL("./planted.ts", import.meta.url).href;

describe("runCampaign", () => {
  test.concurrent.each([
    ["throws", /planted/],
    ["hangs", /did not end within 2 s/],
    ["dies", /its process ended \(3\)/],
    ["reserves", /it asked for 600 MiB at once/],
    ["grows", /it asked for 500 MiB at once/],
    ["hoards", /it reserved \d+ MiB/],
    ["pollutes", /polluted/],
  ])("finds a target that %s", { timeout: 240_000 }, async (name, reason) => {
    const target = TARGETS.find((one) => one.name === name);
    if (target === undefined) throw new Error(`no planted defect ${name}`);
    const { broken } = await runCampaign(target, {
      ...{ module, corpus, seed: 1, cases: 100, jobs: 1, patience: 2 },
    });
    expect(broken).toHaveLength(1);
    expect(broken[0].reason).toMatch(reason);
    expect(Number(readFileSync(broken[0].file, "utf8"))).toBeGreaterThan(900);
  });

  test("finds nothing where nothing is", async () => {
    const { broken, cases } = await runCampaign(TARGETS[7], {
      ...{ module, corpus, seed: 1, cases: 300, jobs: 2, patience: 60 },
    });
    expect([broken, cases]).toEqual([[], 300]);
  });
});
