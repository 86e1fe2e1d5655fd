/**
 * Losses of single examples without a training: hard near zero crossings, harder early in the note, always the same, with
 * a little chance. Seeded: the same bits every time.
 */
import type { LossHeader } from "@neural-string/shared";
import { seededRandom } from "@neural-string/trainer/core/random";
import type { LossRecord } from "@neural-string/trainer/loss-file";
import type { ShownExample } from "@neural-string/trainer/report/losses/shown-example";
import { exampleLosses, worstExamples } from "@neural-string/trainer/report/losses/worst";

const SAMPLE_RATE = 8000;
const F0 = 200;
const PERIOD = SAMPLE_RATE / F0;

/** Losses of some examples at some evaluations, 100 updates apart. */
export function makeLosses(
  of: LossHeader["of"],
  { examples = 400, evaluations = 12, recording = "a.wav" } = {},
): LossRecord {
  const random = seededRandom(3);
  const columns: LossHeader["examples"] = { recording: [], sample: [], levelDb: [], relative: [] };
  for (let i = 0; i < examples; i++) {
    columns.recording.push(i % 2);
    columns.sample.push(Math.floor((i + random()) * 20) + 100);
    columns.levelDb.push(-10 - (50 * i) / examples);
    columns.relative.push(1.4 * Math.sin(2 * Math.PI * random()));
  }
  const rows = Array.from({ length: evaluations }, (_, t) => ({
    step: 100 * t,
    losses: Float32Array.from({ length: examples }, (_, i) => {
      const hard = (Math.abs(columns.relative[i]) < 0.2 ? 6 : 1) * (1 + 2 * Math.exp(-i / 40));
      return hard * (0.02 + 0.5 * Math.exp(-t / 3)) * (0.9 + 0.2 * random());
    }),
  }));
  const header: LossHeader = {
    schema: 1,
    of,
    loss: of === "samples" ? "energy_l1" : "waveform, spectral and decay",
    window: of === "samples" ? 1 : 800,
    sampleRate: SAMPLE_RATE,
    recordings: [recording, "b.wav"],
    examples: columns,
  };
  return { header, rows };
}

/** The same with the hardest of them, as a report shows them. */
export function lossReport(...made: Parameters<typeof makeLosses>): {
  record: LossRecord;
  worst: ShownExample[];
} {
  const record = makeLosses(...made);
  const losses = exampleLosses(record.rows);
  const chosen = losses ? worstExamples(losses, 4) : [];
  const wave = (n: number) => 0.1 * Math.sin((2 * Math.PI * n) / PERIOD);
  return {
    record,
    worst: chosen.map((example, i) => ({
      ...example,
      recorded: Float32Array.from({ length: 4 * PERIOD }, (_, n) => wave(n)),
      target: 2 * PERIOD + i,
      delays: record.header.of === "samples" ? Int32Array.of(PERIOD - 1, PERIOD, PERIOD + 1) : null,
      predicted: Float32Array.from({ length: PERIOD }, (_, n) => 0.9 * wave(n + i)),
      sound: Float32Array.from({ length: 2000 }, (_, n) => 1e-3 * wave(n)),
      sampleRate: SAMPLE_RATE,
    })),
  };
}
