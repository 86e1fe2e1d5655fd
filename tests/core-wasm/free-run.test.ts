// The loops outside the core are the reference's loops, and their adjoint is one: a fit can trust both.
import { detunedModel } from "@neural-string/core-wasm";
import { expect, test } from "vitest";
import { loopFilters } from "../../packages/core-wasm/src/detune.ts";
import { FreeRun, residual } from "../../packages/core-wasm/src/free-run.ts";
import { trackWeights } from "../../packages/core-wasm/src/mixture-weights.ts";
import { renderPassive } from "../reference/passive-string.ts";
import { mulberry32 } from "../reference/random.ts";
import { expectWithinDb } from "../support/closeness.ts";
import { makePassiveModel } from "../support/passive-models.ts";
import { filtersOf, longestDelayOf, mixtureOf } from "../support/passive-playing.ts";

const { model } = makePassiveModel({ filters: 3, controls: 1, hop: 48, taps: 64, ahead: 30, f0: 61 });
const reach = longestDelayOf(model);
const CONTROLS = [0.4];
const noise = (length: number, seed: number) => {
  const random = mulberry32(seed);
  return Float64Array.from({ length }, () => random() - 0.5);
};

/** Weights that stand still. */
const still = (samples: number) => [0.6, 0.8, 0].map((s) => new Float64Array(samples).fill(s));

/** A string of parallel loops, and some past of it. */
const planes = (() => {
  const options = { filters: 3, controls: 1, hop: 48, taps: 64, ahead: 30, f0: 61, coupling: 0.8 };
  return { ...makePassiveModel(options), y: noise(1200, 8), u: noise(1200, 9) };
})();

/** A rendered string whose past is known, y and u. */
function rendered(frames: number) {
  const past = noise(2 * reach + 100, 1);
  const sound = renderPassive(
    { tunings: [filtersOf(model)], mixture: mixtureOf(model), controls: () => CONTROLS, past },
    frames,
  );
  return { y: Float64Array.from([...past, ...sound.y]), u: sound.u, start: past.length };
}

test("FreeRun goes on as the reference does, hop by hop with the weights the past asks for", () => {
  const frames = 20 * 48;
  const { y, u, start } = rendered(frames);
  const run = new FreeRun(loopFilters(model), trackWeights(model, y, CONTROLS), start + 480, y.length);
  // the reference's lines hold what was weighed when it was written, and so do these only while weights stand still:
  // start where the state is known, and let both run
  const state = (line: Float64Array, at: number) => {
    const out = new Float64Array(run.state + run.count);
    out.set(line.subarray(at - run.state, at));
    return out;
  };
  const [ownY, ownU] = [state(y, start + 480), state(u, 480)];
  run.run(ownY, ownU);
  expectWithinDb(ownU.subarray(run.state), u.subarray(480), -250, "u: the same float64 sums");
  // what the weights moved by within the state's last F samples
  expectWithinDb(ownY.subarray(run.state), y.subarray(start + 480), -20, "y");
  const fixed = still(y.length);
  const [fixedY, fixedU] = [state(y, start + 480), state(u, 480)];
  new FreeRun(loopFilters(model), fixed, start + 480, y.length).run(fixedY, fixedU);
  const { near, rows } = filtersOf(model);
  const mixed = Float64Array.from(rows[1], (h, j) => 0.36 * h + 0.64 * rows[2][j]);
  const expected = renderPassive(
    {
      tunings: [{ near, rows: [rows[0], mixed] }],
      past: y.subarray(0, start + 480),
      pastU: u.subarray(0, 480),
    },
    run.count,
  );
  expectWithinDb(fixedY.subarray(run.state), expected.y, -250, "y with weights that stand still");
});

test("FreeRun of parallel loops goes on as the reference does, and returns what is heard", () => {
  const start = planes.y.length - 480;
  const fixed = still(planes.y.length);
  const run = new FreeRun(loopFilters(planes.model), fixed, start, planes.y.length);
  const state = (line: Float64Array) => {
    const out = new Float64Array(run.state + run.count);
    out.set(line.subarray(start - run.state, start));
    return out;
  };
  const first = planes.y.map((v, n) => v - planes.u[n]);
  const [a, u] = [state(first), state(planes.u)];
  const heard = run.run(a, u);
  const { near, rows } = filtersOf(planes.model);
  const mixed = Float64Array.from(rows[1], (h, j) => 0.36 * h + 0.64 * rows[2][j]);
  const expected = renderPassive(
    {
      tunings: [{ near, rows: [rows[0], mixed] }],
      coupling: planes.model.coupling,
      past: planes.y.subarray(0, start),
      pastU: planes.u.subarray(0, start),
    },
    run.count,
  );
  expectWithinDb(heard, expected.y, -250, "what is heard");
  expectWithinDb(u.subarray(run.state), expected.u, -250, "u");
  const own = expected.y.map((v, n) => v - expected.u[n]);
  expectWithinDb(a.subarray(run.state), own, -250, "the first loop");
});

test("residual is u where the past is the string's own", () => {
  const frames = 30 * 48;
  const { y, u, start } = rendered(frames);
  // weights that stand still: the lines hold what residual takes them to hold
  const one = makePassiveModel({ filters: 1, taps: 64, ahead: 30, f0: 61 }).model;
  const sound = renderPassive({ tunings: [filtersOf(one)], past: noise(500, 3) }, 900);
  const track = trackWeights(one, sound.y, []);
  const left = residual(loopFilters(one), track, sound.y, longestDelayOf(one));
  expectWithinDb(left, sound.u.subarray(longestDelayOf(one)), -200, "one filter");
  // hops counted back from the end are the reference's where the past is whole hops from its start; its first hop's
  // weights hold before it, too, so that only here a line leads to them
  const from = reach + 32;
  const along = residual(loopFilters(model), trackWeights(model, y, CONTROLS), y, start + from);
  expectWithinDb(along, u.subarray(from), -150, "three filters that move");
});

test.each([
  ["a cascade", model],
  ["parallel loops", planes.model],
])("back is the adjoint of run: %s", (_, played) => {
  const { y } = rendered(700);
  const detuned = detunedModel(played, 5);
  const filters = loopFilters(detuned);
  const from = y.length - 600;
  const run = new FreeRun(filters, trackWeights(model, y, CONTROLS), from, y.length);
  const state = noise(2 * run.state, 5);
  const pull = noise(run.count, 6);
  const ran = [0, 1].map((i) => {
    const line = new Float64Array(run.state + run.count);
    line.set(state.subarray(i * run.state, (i + 1) * run.state));
    return line;
  });
  const heard = run.run(ran[0], ran[1]);
  const gradient = new Float64Array(2 * run.state + run.count);
  gradient.set(pull, run.state);
  const back = run.back(gradient);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, n) => sum + v * b[n], 0);
  const [forwards, backwards] = [dot(heard, pull), dot(state, back)];
  expect(Math.abs(forwards - backwards)).toBeLessThan(1e-12 * Math.abs(forwards) + 1e-12);
});
