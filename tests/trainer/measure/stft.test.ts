import { magnitudes, zoomedSpectrum } from "@neural-string/trainer/measure/stft";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const cosine = (length: number, cyclesPerSample: number, amplitude = 1) =>
  Float64Array.from({ length }, (_, n) => amplitude * Math.cos(2 * Math.PI * cyclesPerSample * n + 0.3));

describe("magnitudes", () => {
  test("scale with the signal, from a thousandth to a thousandfold", () => {
    const x = cosine(2000, 0.0371);
    const { values } = magnitudes(x, 512, 128);
    for (const gain of [1e-3, 1e3]) {
      const scaled = magnitudes(
        x.map((v) => gain * v),
        512,
        128,
      ).values;
      scaled.forEach((v, i) => {
        expect(Math.abs(v - gain * values[i])).toBeLessThan(1e-14 * gain);
      });
    }
  });

  test("equal a plain Fourier sum under a periodic Hann window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 16, maxLength: 40 }),
        (list) => {
          const { frames, bins, values } = magnitudes(Float64Array.from(list), 16, 4);
          expect([frames, bins]).toEqual([Math.floor((list.length - 16) / 4) + 1, 9]);
          for (let i = 0; i < values.length; i++) {
            const [frame, k] = [Math.floor(i / bins), i % bins];
            let [re, im] = [0, 0];
            for (let n = 0; n < 16; n++) {
              const w = list[4 * frame + n] * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / 16));
              re += w * Math.cos((2 * Math.PI * k * n) / 16);
              im -= w * Math.sin((2 * Math.PI * k * n) / 16);
            }
            expect(values[i]).toBeCloseTo(Math.hypot(re, im) / 8, 12);
          }
        },
      ),
    );
  });

  test("read half the amplitude of a sine in its bin, in float32 as in float64", () => {
    const x = cosine(4096, 37 / 512, 0.8);
    for (const signal of [x, Float32Array.from(x)]) {
      expect(magnitudes(signal, 512, 128).values[37]).toBeCloseTo(0.4, 6);
    }
  });

  test("have no frames where the signal is shorter than one", () => {
    expect(magnitudes(new Float64Array(511), 512, 128)).toMatchObject({ frames: 0, bins: 257 });
    expect(magnitudes(new Float64Array(512), 512, 128).frames).toBe(1);
  });
});

describe("zoomedSpectrum", () => {
  test("keeps nothing of a longer stretch seen before", () => {
    zoomedSpectrum(cosine(1000, 0.1), 1024);
    const after = zoomedSpectrum(cosine(100, 0.2), 1024);
    zoomedSpectrum(new Float64Array(1024), 1024);
    expect(zoomedSpectrum(cosine(100, 0.2), 1024)).toEqual(after);
  });

  test("peaks where a sine lies between the bins of its own length", () => {
    const spectrum = zoomedSpectrum(cosine(1000, 0.12345), 1 << 16);
    const peak = spectrum.indexOf(Math.max(...spectrum.subarray(0, 20000)));
    expect(peak / (1 << 16)).toBeCloseTo(0.12345, 4);
  });
});
