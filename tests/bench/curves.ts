/**
 * What cost grows with: curves of nanoseconds per sample against hidden units, taps, shortest delay, filter length,
 * voices and block size. Odd sizes are among them on purpose, so that what falls off a cliff shows. Every point proves
 * itself first, and all points of a curve take turns, so that the machine's mood cannot bend it.
 */
import type { Build, ClassicModel } from "@neural-string/core-wasm";
import { renderStringLoop } from "../reference/string-loop.ts";
import { newCore } from "../support/core-builds.ts";
import { type Contestant, consume, once } from "./contestant.ts";
import { QUANTUM } from "./engines/core-string.ts";
import { prove } from "./parity.ts";
import { type Pace, takeTurns } from "./rounds.ts";
import type { Curve } from "./schema.ts";
import { median } from "./statistics.ts";
import { delayLineOn, multiTapReference } from "./workloads/multi-tap.ts";
import { excitingPast, makeNetwork, networkOn, tapsAroundPeriod, tapsFrom } from "./workloads/networks.ts";
import { makeChord, makePassive, passiveOn, passiveReference } from "./workloads/passive.ts";

/** Samples that a point is compared over. */
const FRAMES = 600;
const SAMPLE_RATE = 44100;
/** Gain per trip of loops that are to ring on through the millions of samples a small network makes in a turn. */
const RINGING = 0.999;

const UNITS = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 20, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96],
  ...[100, 127, 128, 129, 192, 256, 384, 512, 768, 1024, 1500],
];
const TAPS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 15, 16, 17, 22, 31, 32, 33, 63, 64, 65, 84, 127, 128, 129, 200];
const SHORTEST = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 32, 128];
const LINE_TAPS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 21, 42, 63, 84, 127, 128, 200];
const FILTER_TAPS = [34, 48, 62, 64, 96, 100, 126, 128, 192, 254, 256, 258, 384, 512];
const VOICES = [1, 2, 3, 4, 8, 16, 32, 64];
const BLOCKS = [1, 8, 32, 128, 512];

/** One curve to be measured. */
interface Plan extends Pick<Curve, "name" | "title" | "xLabel" | "per"> {
  xs: readonly number[];
  labels: readonly string[];
  /** The contestant at a size, and what it must sound like; null where it has proved itself elsewhere. */
  point: (label: string, x: number) => { contestant: Contestant; expected: (() => ArrayLike<number>) | null };
}

/** Measure all curves. @param builds fastest first @param pace for each curve */
export async function measureCurves(
  builds: readonly Build[],
  pace: Pace,
  progress: (text: string) => void,
): Promise<Curve[]> {
  const curves: Curve[] = [];
  for (const plan of plans(builds)) {
    progress(`curve: ${plan.title}`);
    curves.push(await measure(plan, pace));
  }
  return curves;
}

async function measure({ name, title, xLabel, per, xs, labels, point }: Plan, pace: Pace): Promise<Curve> {
  const contestants = new Map<string, Contestant>();
  const key = (label: string, x: number) => `${label} at ${x}`;
  for (const label of labels) {
    for (const x of xs) {
      const { contestant, expected } = point(label, x);
      const what = `curve ${name}, ${key(label, x)}`;
      if (expected !== null) await prove({ what, toleranceDb: -80, expected: once(expected) }, contestant);
      contestants.set(key(label, x), contestant);
    }
  }
  const rounds = await takeTurns(contestants, pace);
  const times = (label: string, x: number) => rounds.get(key(label, x))?.nsPerSample ?? [];
  return {
    ...{ name, title, xLabel, per, xs: [...xs] },
    series: labels.map((label) => ({ label, nsPerSample: xs.map((x) => median(times(label, x))) })),
    rounds: times(labels[0], xs[0]).length,
  };
}

function plans(builds: readonly Build[]): Plan[] {
  const fastest = builds[0];
  /** A network on a build, beside its reference. */
  const network = (build: string, model: ClassicModel) => {
    const contestant = networkOn(newCore(build as Build), model, FRAMES);
    return { contestant, expected: () => renderStringLoop(model, excitingPast(), FRAMES) };
  };
  const passive = (build: string, taps: number) => {
    // the peak in the middle: near an end the fade of short filters eats it, and they ring too shortly
    const model = makePassive({ filters: 1, taps, ahead: taps / 2 });
    const contestant = passiveOn(newCore(build as Build), model, FRAMES);
    return { contestant, expected: () => passiveReference(model, FRAMES) };
  };
  const inBlocks: Record<string, (block: number) => Contestant> = {
    "mlp-22-100-1": (block) =>
      networkOn(newCore(fastest), makeNetwork(tapsAroundPeriod(22), [100]), FRAMES, block),
    passive: (block) => passiveOn(newCore(fastest), makePassive({ filters: 3 }), FRAMES, block),
    "passive-linear": (block) => passiveOn(newCore(fastest), makePassive({ filters: 1 }), FRAMES, block),
  };
  return [
    {
      ...{ name: "units", title: "A network of 22 taps against its hidden units" },
      ...{ xLabel: "hidden units", per: "unit", xs: UNITS, labels: builds },
      point: (build, units) => network(build, makeNetwork(tapsAroundPeriod(22), [units], 0, RINGING)),
    },
    {
      ...{ name: "taps", title: "A network of 64 hidden units against its taps" },
      ...{ xLabel: "taps", per: "tap", xs: TAPS, labels: builds },
      point: (build, taps) => network(build, makeNetwork(tapsAroundPeriod(taps), [64])),
    },
    {
      ...{
        name: "shortest-delay",
        title: "A network of 22 taps and 20 hidden units against its shortest delay",
      },
      ...{ xLabel: "shortest delay (samples)", per: null, xs: SHORTEST, labels: builds },
      point: (build, shortest) => network(build, makeNetwork(tapsFrom(shortest, 22), [20])),
    },
    {
      ...{ name: "filter-taps", title: "A linear passive string against the length of its filters" },
      ...{ xLabel: "taps of each filter", per: "tap", xs: FILTER_TAPS, labels: builds },
      point: passive,
    },
    {
      ...{ name: "voices", title: "Passive voices with their network on" },
      ...{ xLabel: "voices", per: "voice", xs: VOICES, labels: builds },
      point: (build, voices) => ({ contestant: voicesOn(build as Build, voices), expected: null }),
    },
    {
      ...{ name: "line-taps", title: "A delay line against the taps that are read" },
      ...{ xLabel: "taps", per: "tap", xs: LINE_TAPS, labels: builds },
      point: (build, taps) => {
        const delays = Array.from({ length: taps }, (_, i) => 534 - i);
        return {
          contestant: delayLineOn(newCore(build as Build), delays),
          expected: () => multiTapReference(delays),
        };
      },
    },
    {
      ...{ name: "block", title: `Strings against the block that is asked for, ${fastest}` },
      ...{ xLabel: "block (samples)", per: null, xs: BLOCKS, labels: Object.keys(inBlocks) },
      point: (label, block) => ({ contestant: inBlocks[label](block), expected: null }),
    },
  ];
}

function voicesOn(build: Build, voices: number): Contestant {
  const model = makePassive({ filters: 3 });
  const all = makeChord(newCore(build), model, voices, SAMPLE_RATE);
  const out = new Float32Array(QUANTUM);
  return {
    samples: QUANTUM,
    rewind: all.pluck,
    run: () => {
      all.render(out);
      consume(out[QUANTUM - 1]);
    },
    isSilent: all.lacksNotes,
    prove: () => [],
  };
}
