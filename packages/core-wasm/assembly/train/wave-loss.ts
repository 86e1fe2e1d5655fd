// How far a rollout's first periods are from the recording's, sample by sample: the mean square of the pre-emphasised
// difference (d[n] - 0.95 d[n - 1], which lifts the high partials), relative to the energy of the past it started on.
//
// Memory: none.
// Cost: under 1 % of a training step of linear loops (see fft.ts).

const PRE_EMPHASIS: f64 = 0.95;

/**
 * Measure the loss and add its gradient.
 * @param y @param t f32 x count
 * @param scale 1 / RMS of the past
 * @param gy f32 x count: the gradient is added to it
 * @returns weight * mean square over the count - 1 differences
 */
export function waveLossApply(y: usize, t: usize, count: i32, scale: f64, weight: f64, gy: usize): f64 {
  let sum: f64 = 0;
  let before: f64 = 0;
  const share = (2 * weight * scale) / <f64>(count - 1);
  for (let n = 0; n < count; ++n) {
    const at = (<usize>n) << 2;
    const d = scale * (<f64>load<f32>(y + at) - <f64>load<f32>(t + at));
    if (n > 0) {
      const e = d - PRE_EMPHASIS * before;
      sum += e * e;
      const g = share * e;
      store<f32>(gy + at, load<f32>(gy + at) + <f32>g);
      store<f32>(gy + at - 4, load<f32>(gy + at - 4) - <f32>(PRE_EMPHASIS * g));
    }
    before = d;
  }
  return (weight * sum) / <f64>(count - 1);
}
