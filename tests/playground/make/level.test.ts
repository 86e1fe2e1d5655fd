// What the page of one's own string plays is what was computed: unchanged unless several sounds come to too much together.
import { ceilingCurve, gainFor } from "@neural-string/playground/make/level";
import { describe, expect, test } from "vitest";

/** What a WaveShaperNode makes of a sample that was scaled to ±1 of its curve: linear between the curve's points. */
function shaped(curve: Float32Array, sample: number): number {
  const at = (Math.min(1, Math.max(-1, sample / 4)) + 1) * 0.5 * (curve.length - 1);
  const i = Math.min(curve.length - 2, Math.floor(at));
  return curve[i] + (at - i) * (curve[i + 1] - curve[i]);
}

describe("the ceiling", () => {
  const curve = ceilingCurve();

  test("passes one sound as it is: its loudest peak is half of full scale", () => {
    for (const peak of [0.001, 0.5, 0.999, 1]) {
      const loudest = peak * gainFor(Float32Array.of(0, -peak, peak / 2));
      expect(loudest).toBeLessThanOrEqual(0.5000001);
      for (const share of [-1, -0.731, -1e-4, 0, 1e-5, 0.4321, 1])
        expect(Math.abs(shaped(curve, share * loudest) - share * loudest)).toBeLessThan(1e-7);
    }
  });

  test("lets nothing out that a converter would cut, however many sound, and bends it without a corner or a fold", () => {
    let before = shaped(curve, -10);
    for (let sample = -9.99; sample <= 10; sample += 0.01) {
      const now = shaped(curve, sample);
      expect(Math.abs(now)).toBeLessThan(0.97);
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });
});
