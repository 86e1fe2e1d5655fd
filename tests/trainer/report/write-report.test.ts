import { createHash } from "node:crypto";
import { type ReportInput, renderReport } from "@neural-string/trainer/report/write-report";
import { beforeAll, describe, expect, test } from "vitest";
import { passiveReportInput, reportInput, SAMPLE_RATE, trainingLog } from "../../support/report-fixture.ts";

const NASTY = "</script><img src=x onerror=alert(1)>";

let good: ReportInput;
let page: string;
beforeAll(() => {
  good = reportInput("good");
  page = renderReport(good);
});

/** What page.js will read. */
function pageData(text: string): { plots: Record<string, unknown>; heats: Record<string, unknown> } {
  return JSON.parse(
    text.match(/<script type="application\/json" id="report-data">(.*?)<\/script>/s)?.[1] ?? "",
  );
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf("<body>"), text.indexOf('<script type="application/json"'));
}

describe("renderReport", () => {
  test("writes one page under 6 MB that refers to nothing outside itself", () => {
    expect(page.length).toBeLessThan(6e6);
    const references = [...page.matchAll(/\s(?:src|href)="([^"]{0,20})/g)].map(([, to]) => to);
    expect(references.length).toBeGreaterThan(8);
    for (const to of references) expect(to).toMatch(/^(#|data:)/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test("is the same for the same run, byte for byte", () => {
    expect(renderReport(good)).toBe(page);
  });

  test("keeps the order: verdict, failures, measures, sounds, training, decay, settings, recordings, environment", () => {
    const ids = [...bodyOf(page).matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    const order = [
      "failures",
      "measures",
      "sounds",
      "training",
      "decay",
      "settings",
      "recordings",
      "environment",
    ];
    expect(ids).toEqual(order);
    expect(page.indexOf('class="verdict good"')).toBeLessThan(page.indexOf('id="failures"'));
  });

  test("allows exactly the scripts and styles it holds, and no connection", () => {
    const policy =
      page.match(/Content-Security-Policy" content="([^"]*)"/)?.[1].replaceAll("&#39;", "'") ?? "";
    const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    const held = (element: string) =>
      [...page.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, "gs"))].map(([, text]) => hash(text));
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(policy).toContain(`script-src ${held("script").join(" ")};`);
    expect(policy).toContain(`style-src ${held("style").join(" ")};`);
    expect(bodyOf(page)).not.toMatch(/\sstyle="|\son\w+="/);
  });

  test.each([
    ["a classic run", () => page],
    ["a passive run", () => renderReport(passiveReportInput(3))],
    ["a passive run with one filter", () => renderReport(passiveReportInput(1))],
    ["a run that ended early", () => renderReport({ ...good, log: [], judgements: [], sounds: [] })],
  ])("has data for every place of a picture, and a place for every picture, of %s", (_, render) => {
    const text = render();
    const { plots, heats } = pageData(text);
    const places = (name: string) =>
      [...text.matchAll(new RegExp(`data-${name}="([\\w-]+)"`, "g"))].map(([, id]) => id);
    for (const id of [...places("plot"), ...places("shows")]) expect(plots[id], id).toBeTruthy();
    for (const id of places("heat")) expect(heats[id], id).toBeTruthy();
    expect(new Set([...places("plot"), ...places("shows")]).size).toBe(Object.keys(plots).length);
    expect(places("heat")).toHaveLength(Object.keys(heats).length);
  });

  test("shows a passive string's filters after its decay, with the certificate in words; a classic one has none", () => {
    const body = bodyOf(renderReport(passiveReportInput(3)));
    const ids = [...body.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
    expect(ids.slice(-5)).toEqual(["decay", "filters", "settings", "recordings", "environment"]);
    expect(body).toMatch(
      /certificate holds<\/span> Largest gain 0\.990\d+ \([a-z]+ \w+, near \d+ Hz\), certified below 0\.990\d+: nothing rings longer than T60 = 8\.78 s at f0\./,
    );
    expect(bodyOf(page)).not.toContain("Loop filters");
    expect(bodyOf(page)).not.toContain("Mixture over time");
  });

  test("shows what a classic string was trained on, each picture in its place", () => {
    const data: ReportInput["data"] = {
      levels: {
        bandDb: 6,
        all: new Map([
          [-12, 30],
          [-6, 900],
        ]),
        used: new Map([
          [-12, 30],
          [-6, 70],
        ]),
      },
      targets: Float32Array.of(1, -1, 0.5, -0.5),
      example: {
        delays: Int32Array.of(100, 99, 25),
        clean: Float32Array.of(1, 2, 3),
        trained: Float32Array.of(1.1, 2.2, 3.3),
      },
      recordings: [
        { name: "a.wav", role: "recording", f0: 82.41, seconds: [0, 1], levelDb: [-6, -12] },
        { name: "b.wav", role: "stability", f0: 82.41, seconds: [0.5], levelDb: [-3] },
      ],
      features: [
        {
          kind: "energy",
          curves: [
            { seconds: [0, 1], values: [0.5, -0.25] },
            { seconds: [0.5], values: [0.125] },
          ],
        },
      ],
    };
    const config = { ...good.config, data: { ...good.config.data, maxFrames: 100, inputNoise: 0.01 } };
    const text = renderReport({ ...good, config, data });
    const { plots } = pageData(text);
    for (const id of ["data-levels", "data-balance", "data-taps", "data-recordings", "data-feature-0"]) {
      expect(plots).toHaveProperty(id);
      expect(text).toContain(`data-plot="${id}"`);
    }
    expect(text).toContain("100 of 930 are trained on, thinned by level (data.maxFrames = 100).");
    expect(text).toContain("noise of 0.01 times their RMS (data.inputNoise)");
    expect(text).toContain("1 for stability (data.stability)");
    expect(plots["data-taps"]).toMatchObject({ xs: [25, 99, 100] });
    expect(plots["data-feature-0"]).toMatchObject({
      xs: [0, 0.5, 1],
      series: [{ values: [0.5, null, -0.25] }, { values: [null, 0.125, null] }],
    });
    expect(text).toContain("Feature: energy");
    expect(page).not.toContain("data-levels");
  });

  test("names a run by its number; a folder that somebody named has none", () => {
    const said = (number: number) => {
      const text = renderReport({ ...good, record: { ...good.record, number, name: "low E" } });
      return [/<title>(.*)<\/title>/, /<p class="run">(.*?) </].map((pattern) => pattern.exec(text)?.[1]);
    };
    expect(said(7)).toEqual(["Run 0007 low E", "Run 0007"]);
    expect(said(0)).toEqual(["Run low E", "Run"]);
  });

  test("shows the mixture of several filters only", () => {
    expect(pageData(renderReport(passiveReportInput(3))).plots).toHaveProperty("judged-0-shares");
    const linear = renderReport(passiveReportInput(1));
    expect(pageData(linear).plots).not.toHaveProperty("judged-0-shares");
    expect(linear).not.toContain("Mixture over time");
  });

  test("lists the stages: how long their rollouts were, their losses and closed loops at the end", () => {
    const body = bodyOf(renderReport(passiveReportInput(3)));
    const table = body.slice(body.indexOf('<table class="stages">'));
    const rows = [...table.slice(0, table.indexOf("</table>")).matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell]) => cell),
    );
    expect(rows[0].slice(6, 10)).toEqual(["Loss", "Waveform", "Spectral", "Decay"]);
    expect(rows.slice(1).map((row) => row.slice(0, 6))).toEqual([
      ["1", "linear, 12 periods", "1", "0.146", "8", "300"],
      ["2", "linear, 64 periods", "1", "0.777", "8", "350"],
      ["3", "mixture", "3", "1.94", "4", "350"],
    ]);
    expect(rows[1][9]).toBe("–"); // the first stage has no decay loss
    const [total, ...parts] = rows[3].slice(6, 10).map(Number);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(total, 2); // three digits each
    expect(Number(rows[3][10])).toBeGreaterThan(1);
    expect(bodyOf(page)).not.toContain('class="stages"');
  });

  test("shows a passive string whose certificate is broken, or that is not finite, in words", () => {
    const input = passiveReportInput(3);
    const withTaps = (loopTaps: Float32Array) => {
      const { model, weights } = passiveReportInput(3).passive ?? {};
      if (model === undefined || weights === undefined) throw new Error("the fixture has a model");
      return renderReport({ ...input, passive: { model: { ...model, loopTaps }, weights } });
    };
    const taps = input.passive?.model.loopTaps ?? new Float32Array(0);
    expect(withTaps(taps.map((tap) => 1.02 * tap))).toContain("certificate broken");
    expect(withTaps(taps.map(() => Number.NaN))).toContain("The filters hold numbers that are not finite");
  });

  test("says of each recording whether it was unseen or trained on", () => {
    expect(page).toContain('<bdi>strat-e2-5.wav</bdi> <span class="chip unseen">unseen</span>');
    expect(page).toContain('<bdi>strat-e2-2.wav</bdi> <span class="chip seen">trained on</span>');
  });

  test("names failures with sentences and causes", () => {
    const body = bodyOf(renderReport(reportInput("failing")));
    expect(body).toContain("It does not work.");
    expect(body).toContain("<h4>Rings forever</h4>");
    expect(body).toContain("<h4>Settles on DC</h4>");
    expect(body).toContain("Likely causes:");
  });

  test("escapes everything that comes from files", () => {
    const input = structuredClone(good);
    const recordings = [...input.record.trainedOn, ...input.record.judgedOn];
    for (const recording of recordings) {
      Object.assign(recording, { name: NASTY, source: { [NASTY]: NASTY }, sha256: NASTY, notes: [NASTY] });
    }
    Object.assign(input.record, { name: NASTY, kind: NASTY, backend: NASTY, error: NASTY, startedAt: NASTY });
    Object.assign(input.record, { git: { commit: NASTY, dirty: true }, versions: { [NASTY]: NASTY } });
    for (const judgement of input.judgements) {
      judgement.recording = NASTY;
      judgement.failures = [{ id: NASTY, name: NASTY, sentence: NASTY, causes: [NASTY] }];
      for (const verdict of judgement.verdicts)
        Object.assign(verdict, { name: NASTY, unit: NASTY, sentence: NASTY });
    }
    Object.assign(input.config, { name: NASTY, recordings: [NASTY] });
    input.log = [
      { type: "stage", step: 0, stage: 0, name: NASTY, filters: 1, seconds: 1, batchSize: 1, steps: 1 },
      ...input.log.map((line) => (line.type === "updates" ? { ...line, parts: { [NASTY]: 1 } } : line)),
    ];
    const nasty = renderReport(input);
    expect(nasty).not.toContain("<img");
    expect(nasty.match(/<\/script>/g)).toHaveLength(page.match(/<\/script>/g)?.length ?? 0);
    expect(nasty.match(/&#60;img/g)?.length).toBeGreaterThan(20);
  });

  test("shows a failed run with its error, an empty log and no judgement", () => {
    const record = {
      ...good.record,
      status: "failed" as const,
      error: "a.wav: not a WAV file",
      bestStep: null,
    };
    const bare = renderReport({ ...good, record, log: [], judgements: [], sounds: [] });
    expect(bare).toContain("The run failed: a.wav: not a WAV file.");
    expect(bare).toContain("The log is empty");
    expect(bare).not.toContain('id="decay"');
    expect(bare.length).toBeLessThan(2e5);
  });

  test("thins a log of 50,000 lines to a small page", () => {
    const extra = renderReport({ ...good, log: trainingLog("good", 50_000, 500) }).length - page.length;
    expect(extra).toBeLessThan(2e5);
  });

  test("shows judgements whose sounds were not kept", () => {
    const silent = renderReport({ ...good, sounds: [] });
    expect(silent).toContain("No sound was kept.");
    expect(silent).toContain("1.8 <span");
  });

  test("stays small for long sounds and for many recordings", () => {
    const sound = good.sounds[0];
    const long = (x: Float32Array) => {
      const minute = new Float32Array(60 * SAMPLE_RATE);
      minute.set(x);
      return minute;
    };
    const longer = {
      ...sound,
      target: long(sound.target),
      render: long(sound.render),
      karplusStrong: undefined,
    };
    const metrics = { ...good.judgements[0].metrics, seconds: 60 };
    const judgements = [{ ...good.judgements[0], metrics }];
    expect(renderReport({ ...good, sounds: [longer], judgements }).length).toBeLessThan(6e6);
    const five = renderReport({
      ...good,
      sounds: Array(5).fill(sound),
      judgements: Array(5).fill(good.judgements[0]),
    });
    expect(five.length).toBeLessThan(6.5e6);
  });
});
