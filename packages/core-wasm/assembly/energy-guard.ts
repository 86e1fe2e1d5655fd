// What keeps any network bounded, however badly trained: the energy of the last period may not exceed a limit, set
// from what excited the string. A block that would exceed it is scaled down just so far that the limit is met, so
// a loop that wants to grow is held level instead of clipped, and a good model never notices the guard.
//
// The limit holds for every period that ends with a block; a period that ends inside one may exceed it by what that
// block's first samples hold.
//
//   energy of the period that ends with this block = rest + g^2 * block,   g = sqrt((limit - rest) / block) if < 1
//
// Memory: the meter's sum, the limit, and what was done. Cost: under 1 ns a sample on a classic string (AMD EPYC at 3.1
// GHz, relaxed build, November 2026).

import { allocate } from "./arena";
import { EnergyMeter, createEnergyMeter, energyMeterAdvance, energyMeterReset, sumOfSquares } from "./energy-meter";
import { isAudible1 } from "./lanes";

@unmanaged
export class EnergyGuard {
  meter: EnergyMeter; // over one period
  limit: f64; // energy, sum of squares over one period
  smallestGain: f64; // the strongest intervention so far, 1 = none
  interventions: i32; // blocks scaled so far
}

export function createEnergyGuard(period: i32): EnergyGuard {
  const guard = changetype<EnergyGuard>(allocate(offsetof<EnergyGuard>()));
  guard.meter = createEnergyMeter(period);
  guard.smallestGain = 1;
  return guard;
}

/**
 * Set the limit from the past that excites the string: `headroom` times the most energy any period of it holds.
 * @param at the past ends just before this address
 * @param count samples of the past
 * @param headroom ratio of energies, above 0; below 1 the string is held quieter than it began
 */
export function energyGuardArm(guard: EnergyGuard, at: usize, count: i32, headroom: f64): void {
  const period = guard.meter.window;
  const start = at - ((<usize>count) << 2);
  let most: f64 = 0;
  if (count <= period) {
    most = sumOfSquares(start, count);
  } else {
    // hop an eighth of a period: closer looks change the maximum by little
    const hop = max(1, period >> 3);
    for (let n = 0; n + period <= count; n += hop) {
      most = max(most, sumOfSquares(start + ((<usize>n) << 2), period));
    }
    most = max(most, sumOfSquares(at - ((<usize>period) << 2), period));
  }
  guard.limit = most * headroom;
  guard.smallestGain = 1;
  guard.interventions = 0;
  energyMeterReset(guard.meter, at);
}

/**
 * Scale a block that has just been computed, if it holds too much energy.
 * @param at address of the block, in the delay line
 * @returns the gain it was scaled by, 1 = left alone
 * Audio thread: allocates nothing.
 */
export function energyGuardApply(guard: EnergyGuard, at: usize, count: i32): f64 {
  let gain: f64 = 1;
  const block = sumOfSquares(at, count);
  const leaving = sumOfSquares(at - ((<usize>guard.meter.window) << 2), min(count, guard.meter.window));
  const rest = max<f64>(0, guard.meter.sum - leaving);
  if (rest + block > guard.limit && block > 0) {
    gain = sqrt<f64>(max<f64>(0, guard.limit - rest) / block);
    for (let i = 0; i < count; ++i) {
      const p = at + ((<usize>i) << 2);
      const y = <f32>(gain * <f64>load<f32>(p));
      store<f32>(p, isAudible1(y) ? y : 0); // a small gain must not make subnormals
    }
    guard.interventions++;
    guard.smallestGain = min(guard.smallestGain, gain);
  }
  energyMeterAdvance(guard.meter, at, count);
  return gain;
}
