// Plots: where points land, where ticks are, and what cannot be drawn.

import { drawPlot, linearTicks, logTicks, type Plot } from "@neural-string/trainer/report/svg-plot";
import { describe, expect, test } from "vitest";

const plot: Plot = {
  title: "Cost & <size>",
  x: { label: "units", log: true },
  y: { label: "ns", log: true },
  xs: [1, 10, 100],
  series: [
    { label: "relaxed", values: [2, 20, 200] },
    { label: "simd", values: [200, 20, 2] },
  ],
};
const pointsOf = (svg: string) =>
  [...svg.matchAll(/<polyline points="([^"]*)"/g)].map(([, list]) =>
    list.split(" ").map((point) => point.split(",").map(Number)),
  );

describe("drawPlot", () => {
  test("a line of constant ratio is straight on two logarithmic axes, and its mirror image falls as it rises", () => {
    const [rising, falling] = pointsOf(drawPlot(plot));
    const [first, middle, last] = rising;
    expect(first[0]).toBeLessThan(middle[0]);
    expect(middle[0] - first[0]).toBeCloseTo(last[0] - middle[0], 0);
    expect(first[1] - middle[1]).toBeCloseTo(middle[1] - last[1], 0);
    expect(first[1]).toBeGreaterThan(last[1]); // y grows downwards
    expect(falling.map(([, y]) => y)).toEqual(rising.map(([, y]) => y).reverse());
  });

  test("every point lies inside the picture, and the text is escaped", () => {
    const svg = drawPlot(plot);
    for (const [x, y] of pointsOf(svg).flat()) {
      expect(x >= 60 && x <= 700 && y >= 60 && y <= 310, `${x}, ${y}`).toBe(true);
    }
    expect(svg).toContain("Cost &#38; &#60;size&#62;");
    expect(svg).not.toContain("<size>");
  });

  test("a linear y axis begins at 0", () => {
    const [[[, low], [, high]]] = pointsOf(
      drawPlot({
        ...plot,
        xs: [1, 2],
        y: { label: "ns", log: false },
        series: [{ label: "a", values: [0, 10] }],
      }),
    );
    expect(low).toBe(308);
    expect(high).toBe(68);
  });

  test.each([[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]])(
    "%d on a logarithmic axis is refused",
    (value) => {
      expect(() => drawPlot({ ...plot, series: [{ label: "a", values: [1, 2, value] }] })).toThrow(
        "ns: expected finite numbers above 0",
      );
    },
  );
});

test("ticks enclose the data", () => {
  expect(logTicks(3, 40)).toEqual([2, 5, 10, 20, 50]);
  expect(logTicks(1, 15000)).toEqual([1, 10, 100, 1000, 10000, 100000]);
  expect(logTicks(10, 10)).toEqual([10]);
  expect(linearTicks(0, 10)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(linearTicks(0, 0.7)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
});
