/**
 * `pnpm report`: runs side by side, read with one run and with two hundred, in a browser from file://.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { report } from "@neural-string/trainer/commands/report";
import { Terminal } from "@neural-string/trainer/terminal";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { run } from "../support/cli.ts";
import { writeJudge, writeRun } from "../support/run-folders.ts";

const NASTY = "<script>alert(1)</script>";
const folder = mkdtempSync(join(tmpdir(), "neural-string-compare-"));
const [few, many] = [join(folder, "few"), join(folder, "many")];
const judge = writeJudge(folder);
writeRun(judge, { folder: join(few, "0001-good"), updates: 400 });
writeRun(judge, { folder: join(few, "0002-failing"), outcome: "failing", batchSize: 64 });
writeRun(judge, { folder: join(few, "0003-nasty"), recording: NASTY, render: "../0001-good/render.wav" });

class Quiet extends Terminal {
  readonly warnings: string[] = [];
  override say(): void {}
  override warn(text: string): void {
    this.warnings.push(text);
  }
}

async function written(runs: string[], parent: string, name: string, details = 2): Promise<string> {
  const out = join(folder, `${name}.html`);
  await report({ runs, parent, out, details }, new Quiet(false));
  return readFileSync(out, "utf8");
}

beforeAll(() => {
  for (let i = 1; i <= 200; i++) {
    const id = `${String(i).padStart(4, "0")}-run`;
    writeRun(judge, {
      folder: join(many, id),
      batchSize: 2 ** (3 + (i % 4)),
      outcome: i % 5 ? "good" : "failing",
    });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("pnpm report", () => {
  test("says which run is best, where runs differ, and nothing that they share", async () => {
    const page = await written([], few, "few", 3);
    expect(page).toContain("Best: 0001-good");
    const headings = [...page.matchAll(/class="sorter">(.*?)<\/button>/g)].map(([, text]) =>
      text.replaceAll("<wbr>", ""),
    );
    // nothing else differs; what failed is said beside the name
    expect(headings.slice(0, 4)).toEqual(["Run", "training.batchSize", "Status", "Updates"]);
    expect(headings).not.toContain("Failures");
    expect(page).toMatch(/the loop fails: [^<]*rings forever/);
  });

  test("escapes what comes from files, and reads no render outside the run's folder", async () => {
    const page = await written(["3"], few, "nasty");
    expect(page).not.toContain(NASTY);
    expect(page).toContain("is no render of this run");
    expect(page).not.toContain("data:audio");
  });

  test("leaves out a damaged run of many with a sentence; one that is named is an error", async () => {
    const broken = join(few, "0004-broken");
    writeRun(judge, { folder: broken });
    writeFileSync(join(broken, "config.json"), "{");
    const page = await written([], few, "broken");
    expect(page).toMatch(/Left out: .*0004-broken/);
    const { code, stderr } = await run(folder, "report", "4", "--runs", few);
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    rmSync(broken, { recursive: true });
    const none = await run(folder, "report", "--runs", join(folder, "nothing"));
    expect(none.code).toBe(2);
    expect(none.stderr).toContain("pnpm train");
  });

  test("says why a sound cannot be shown where its recording is gone", async () => {
    const alone = join(folder, "alone");
    writeRun(join(folder, "gone.wav"), { folder: join(alone, "0001-alone") });
    expect(await written([], alone, "alone")).toMatch(/cannot be shown: .*gone\.wav/);
  });

  test("shows no sound that is none", async () => {
    const broken = join(folder, "broken-sound");
    const run = join(broken, "0001-run");
    writeRun(judge, { folder: run });
    const wav = readFileSync(join(run, "render.wav"));
    wav.writeFloatLE(Number.NaN, wav.length - 400);
    writeFileSync(join(run, "render.wav"), wav);
    expect(await written([], broken, "broken-sound")).toMatch(
      /cannot be shown: [^<]*render\.wav: expected numbers, got samples that are none/,
    );
  });

  test("opens the best run's sound, tells how runs ended without a grade, and names empty folders", async () => {
    const order = join(folder, "order");
    writeRun(judge, { folder: join(order, "0001-failing"), outcome: "failing" });
    writeRun(judge, { folder: join(order, "0002-good") });
    mkdirSync(join(order, "0003-empty"));
    const page = await written([], order, "order");
    const shown = [...page.matchAll(/<details( open)?><summary><bdi>([^<]*)</g)].map(([, ...at]) => at);
    expect(shown).toEqual([
      [" open", "0002-good"],
      [undefined, "0001-failing"],
    ]);
    expect(page.match(/<span class="chip none">finished</g)).toHaveLength(2);
    expect(page).toMatch(
      /Left out: [^<]*0003-empty: expected a run&#39;s folder, got one without a run\.json/,
    );
    const one = await written(["2"], order, "one");
    expect(one).toContain("<title>1 run</title>");
    expect(one).toContain("<h1>1 run</h1>");
    expect(one).not.toContain("0003-empty");
  });

  test("keeps 200 runs under 8 MB", async () => {
    const page = await written([], many, "many");
    expect(page.length).toBeLessThan(8e6);
    expect([...page.matchAll(/<tr data-run=/g)]).toHaveLength(200);
  });
});

describe.skipIf(!chromiumPath)(inChromium("pnpm report"), () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  async function open(name: string): Promise<{ page: Page; troubles: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    const troubles: string[] = [];
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
    page.on("pageerror", ({ message }) => troubles.push(message));
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) troubles.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    return { page, troubles };
  }
  const firstRun = (page: Page) => page.locator("#table tbody tr").first().getAttribute("data-run");

  test("draws the chosen of 200 runs, sorts and finds them", async () => {
    const { page, troubles } = await open("many");
    expect(await page.locator("#plot-updates .u-legend .u-series").count()).toBe(1 + 2 + 6);
    await page.getByRole("button", { name: "EDR, dB" }).click();
    expect(await firstRun(page)).not.toBe("0005-run");
    await page.getByRole("button", { name: "EDR, dB" }).click();
    expect(await firstRun(page)).toMatch(/^0\d\d[05]-run$/); // every fifth fails, and is the worst
    await page.setViewportSize({ width: 720, height: 900 });
    const held = await page.evaluate(`(() => {
      const shell = document.querySelector(".scroll.tall");
      shell.scrollLeft = 300;
      const [, name, next] = document.querySelector("#table tbody tr").cells;
      const { left, right } = name.getBoundingClientRect();
      const { backgroundColor } = getComputedStyle(name);
      const atop = document.elementFromPoint(right - 3, name.getBoundingClientRect().top + 5) === name;
      return { moved: shell.scrollLeft > 100, left: left - shell.getBoundingClientRect().left, atop, backgroundColor, next: next.textContent };
    })()`);
    // the name stays beside its box, on opaque ground, and the setting behind it moves beneath
    expect(held).toEqual({
      moved: true,
      left: expect.closeTo(64, 0),
      atop: true,
      backgroundColor: expect.stringMatching(/^rgb\(/),
      next: expect.stringMatching(/^(8|16|32|64)$/),
    });
    await page.locator("#find").fill("rings 64");
    const seen = await page.locator("#table tbody tr:visible").count();
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(41);
    await page.getByRole("button", { name: "Draw none" }).click();
    expect(await page.locator("#plot-updates").textContent()).toBe("Nothing to draw.");
    await page.locator("#table tbody tr:visible .draw").first().check();
    expect(await page.locator("#plot-updates canvas").count()).toBe(1);
    expect(troubles).toEqual([]);
  });

  test("tells the drawn runs apart by what differs among them, and says how many are drawn at most", async () => {
    const { page, troubles } = await open("many");
    const legend = () => page.locator("#plot-closed .u-label").allTextContents();
    await page.getByRole("button", { name: "Draw none" }).click();
    const boxes = page.locator("#table tbody .draw");
    for (const i of [0, 1]) await boxes.nth(i).check();
    expect((await legend()).slice(1)).toEqual(["0001 batchSize 16", "0002 batchSize 32"]);
    await boxes.nth(1).uncheck();
    await boxes.nth(4).check(); // of the same batch size
    expect((await legend()).slice(1)).toEqual(["0001-run", "0005-run"]);
    expect(await page.locator(".tools").first().textContent()).toContain(
      "12 at most are drawn; the latest ticked stay.",
    );
    for (let i = 5; i < 16; i++) await boxes.nth(i).check();
    expect(await page.locator("#count").textContent()).toBe("200 of 200 runs, 12 drawn");
    expect(await boxes.nth(0).isChecked()).toBe(false);
    expect(await legend()).toHaveLength(1 + 12);
    expect(troubles).toEqual([]);
  });

  test("labels logarithmic axes twice or more, within one decade, too", async () => {
    const { page, troubles } = await open("few");
    const labels = await page.evaluate(`(async () => {
      const found = { x: [], y: [] };
      const { prototype } = CanvasRenderingContext2D;
      const { fillText } = prototype;
      prototype.fillText = function (text, ...rest) {
        if (/^\\d+$/.test(text)) found[this.textAlign === "right" ? "y" : "x"].push(text);
        return fillText.call(this, text, ...rest);
      };
      const series = [{ label: "a", ink: "ink", values: [30, 90] }];
      const axis = { label: "", log: true };
      linePlots.draw(document.getElementById("plot-closed"), { x: axis, y: axis, xs: [300, 900], series }, 350);
      await new Promise((resolve) => setTimeout(resolve, 200)); // plots are drawn a moment later
      prototype.fillText = fillText;
      return found;
    })()`);
    expect(labels).toEqual({ x: ["400", "600", "800"], y: ["40", "60", "80", "100"] });
    expect(troubles).toEqual([]);
  });

  test("does not draw epochs of different batch sizes together, and draws what is unfolded", async () => {
    const { page, troubles } = await open("few");
    expect(await page.locator("#epochs-note").textContent()).toMatch(
      /batches of 32 and 64|batches of 64 and 32/,
    );
    expect(await page.locator("#plot-epochs canvas").count()).toBe(0);
    const folded = page.locator("#details details", { hasText: "0002-failing" });
    await folded.locator("summary").click();
    await page.waitForFunction(
      (part) => part?.querySelector("canvas.u-canvas, .plot canvas"),
      await folded.elementHandle(),
    );
    await page.locator("#log-x").check();
    expect(await page.locator("#plot-updates canvas").count()).toBe(1);
    expect(await page.locator("#plot-examples canvas").count()).toBe(1);
    const shown = () => page.evaluate<string>("document.querySelector('#plot-examples canvas').toDataURL()");
    const median = await shown();
    await page.locator("#quantile").selectOption({ label: "99 %" });
    await expect.poll(shown).not.toBe(median);
    expect(troubles).toEqual([]);
  });
});
