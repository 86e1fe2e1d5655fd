/** A program that makes a rollout pool of two threads, uses it, and forgets to dispose of it. */
import { createRolloutPool } from "@neural-string/trainer/rollout-pool";
import { makeExamples, makeParameters, makeSetup, weights } from "./rollout-setups.ts";

const setup = makeSetup(1);
const pool = await createRolloutPool({ ...setup, threads: 2 });
const { taps, network } = makeParameters(setup, 1);
pool.run(makeExamples(setup, 4, 1), taps, network, weights);
console.log("done");
