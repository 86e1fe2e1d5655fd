// Draws the report's line plots with uPlot, from the JSON that plots.ts describes (LinePlot).
// biome-ignore lint/correctness/noUnusedVariables: page.js, the next script of the page, uses it
const linePlots = (() => {
  const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const short = (value) =>
    (Math.abs(value) >= 1e4
      ? `${Number((value / 1e3).toPrecision(3))}k`
      : String(Number(value.toPrecision(3)))
    ).replace("-", "−");
  const read = (value) => (value == null ? "" : String(Number(value.toPrecision(4)))).replace("-", "−");

  // ticks of a logarithmic axis: 1, 2, 5 in every decade, or the decades alone where there are many
  const logTicks = (low, high) => {
    const decades = Math.log10(high / low);
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const digit of decades > 3 ? [1] : [1, 2, 5]) ticks.push(digit * 10 ** power);
    }
    return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
  };

  const widened = (low, high, factor, isLog) => {
    if (isLog) return [low / factor, high * factor];
    return low === high ? [low - 1, high + 1] : [low, high];
  };
  const xScale = ({ log }) => ({
    time: false,
    distr: log ? 3 : 1,
    range: (_plot, low, high) => widened(low, high, low === high ? 2 : 1, log),
  });
  const yScale = ({ log, min, max }) => ({
    distr: log ? 3 : 1,
    range: (_plot, low, high) =>
      [min, max].includes(undefined) ? widened(low ?? 0.1, high ?? 1, 1.15, log) : [min, max],
  });

  const axisOf = (axis, size) => ({
    label: axis.label,
    labelSize: 20,
    labelFont: FONT,
    font: FONT,
    size,
    stroke: ink("ink"),
    grid: { stroke: ink("rule"), width: 1 },
    ticks: { stroke: ink("rule"), width: 1 },
    ...(axis.log && {
      splits: (_plot, _i, low, high) => logTicks(low, high),
      filter: (_plot, ticks) => ticks,
    }),
    values: (_plot, ticks) => ticks.map((tick) => short(tick)),
  });

  const seriesOf = ({ label, ink: name, style = "line", values }) => ({
    label,
    scale: "y",
    stroke: ink(name),
    width: style === "edge" ? 0.5 : style === "marks" ? 0 : values.length > 500 ? 1.25 : 1.75,
    dash: style === "dashed" ? [5, 3] : undefined,
    points:
      style === "points" && values.length <= 200
        ? { show: true, size: 6, fill: ink(name) }
        : style === "marks"
          ? { show: true, size: 13, width: 3, fill: ink("paper"), stroke: ink(name) }
          : { show: (plot) => plot.data[0].length === 1 },
    value: (_plot, value) => read(value),
    class: style === "edge" || style === "marks" ? "unlisted" : "listed",
    spanGaps: style !== "edge" && style !== "marks",
  });

  function draw(element, spec, width) {
    element.replaceChildren();
    if (!spec) return;
    const band = spec.band && {
      series: spec.band.map((i) => i + 1),
      fill: `color-mix(in srgb, ${ink(spec.series[spec.band[0]].ink)} 22%, transparent)`,
    };
    const plot = new uPlot(
      {
        width,
        height: Math.min(320, Math.max(240, Math.round(width * 0.55))),
        scales: { x: xScale(spec.x), y: yScale(spec.y) },
        axes: [axisOf(spec.x, 36), axisOf(spec.y, 52)],
        series: [{ label: spec.x.label, value: (_plot, value) => read(value) }, ...spec.series.map(seriesOf)],
        bands: band ? [band] : [],
      },
      [spec.xs, ...spec.series.map(({ values }) => values)],
      element,
    );
    const canvas = plot.root.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${element.dataset.label}: ${spec.y.label} over ${spec.x.label}.`);
    // a legend entry hides and shows its line: by keyboard, too
    for (const entry of plot.root.querySelectorAll(".u-series:not(:first-child) th")) {
      entry.tabIndex = 0;
      entry.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          entry.click();
        }
      });
    }
  }

  return { draw };
})();
