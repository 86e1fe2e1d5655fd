// Draws the report's line plots with uPlot, from the JSON that plots.ts describes (LinePlot).
// A script of the report; the playground imports it as a module, so what it makes is put on the global object.
globalThis.linePlots = (() => {
  const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const short = (value, digits = 3) =>
    (Math.abs(value) >= 1e4
      ? `${Number((value / 1e3).toPrecision(digits))}k`
      : String(Number(value.toPrecision(digits)))
    ).replace("-", "−");
  const read = (value, digits = 4) =>
    (value == null ? "" : String(Number(value.toPrecision(digits)))).replace("-", "−");
  // on an axis that counts down from 1, the values are distances from there
  const shown = (axis, value) => (axis.fromOne && value != null ? 1 - value : value);

  // a range with fewer ticks of 1, 2 and 5 than this gets evenly spaced ones: between two labels a value can be read
  const FEWEST_TICKS = 3;
  // ticks of a logarithmic axis: 1, 2, 5 in every decade, or the decades alone where there are many
  const logTicks = (low, high) => {
    const decades = Math.log10(high / low);
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
      for (const digit of decades > 3 ? [1] : [1, 2, 5]) ticks.push(digit * 10 ** power);
    }
    const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    return inside.length < FEWEST_TICKS ? evenTicks(low, high) : inside;
  };
  const evenTicks = (low, high) => {
    const rough = (high - low) / FEWEST_TICKS;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [5, 2, 1].find((digit) => digit * power <= rough * 1.001);
    const first = Math.ceil((low / step) * 0.999999);
    const count = Math.floor((high / step) * 1.000001) - first + 1;
    return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
  };

  // of logarithmic ticks those that get a label: decades before fives before twos, as far as there is room (pixels)
  const LABEL = { character: 7.5, gap: 6, height: 15 };
  const labelled = (plot, ticks, scale, labels) => {
    const mantissa = (tick) => Number(tick.toPrecision(9)).toExponential().split("e")[0];
    const rank = (tick) => ["1", "5", "2"].indexOf(mantissa(tick));
    const kept = [];
    const order = ticks.map((tick, i) => ({ tick, label: labels[i] }));
    for (const { tick, label } of order.sort((a, b) => rank(a.tick) - rank(b.tick))) {
      const size = scale === "x" ? label.length * LABEL.character + LABEL.gap : LABEL.height;
      const at = plot.valToPos(tick, scale);
      if (kept.every((other) => Math.abs(at - other.at) >= (size + other.size) / 2))
        kept.push({ tick, at, size });
    }
    const shown = new Set(kept.map(({ tick }) => tick));
    return ticks.map((tick) => (shown.has(tick) ? tick : null));
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
  const yScale = ({ log, min, max, fromOne }) => ({
    distr: log ? 3 : 1,
    dir: fromOne ? -1 : 1,
    range: (_plot, low, high) =>
      [min, max].includes(undefined) ? widened(low ?? 0.1, high ?? 1, 1.15, log) : [min, max],
  });

  const axisOf = (axis, scale, size) => ({
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
      filter: (plot, ticks) => labelled(plot, ticks, scale, labelsOf(axis, ticks)),
    }),
    values: (_plot, ticks) => labelsOf(axis, ticks),
  });
  // with as many digits as tell them apart
  const labelsOf = (axis, ticks) => {
    const write = (digits) =>
      ticks.map((tick) => (tick === null ? null : axis.fromOne ? read(1 - tick, 9) : short(tick, digits)));
    const isClear = (labels) => new Set(labels).size === new Set(ticks).size;
    for (let digits = 3; digits < 9; digits++) if (isClear(write(digits))) return write(digits);
    return write(9);
  };

  const seriesOf = (spec, { label, ink: name, style = "line", values, gaps }) => ({
    label,
    scale: "y",
    stroke: ink(name),
    width: style === "edge" ? 0.5 : isPoints(style) ? 0 : values.length > 500 ? 1.25 : 1.75,
    dash: style === "dashed" ? [5, 3] : undefined,
    points:
      style === "points" && values.filter((value) => value !== null).length <= 200
        ? { show: true, size: 6, fill: ink(name) }
        : style === "marks"
          ? { show: true, size: 13, width: 3, fill: ink("paper"), stroke: ink(name) }
          : style === "dots"
            ? { show: true, size: 5, width: 0, fill: ink(name) }
            : { show: (plot) => plot.data[0].length === 1 },
    // of a stack each line tells its own share
    value: (_plot, value, _series, i) =>
      spec.stacked ? read(values[i]) : read(shown(spec.y, value), spec.y.fromOne ? 6 : 4),
    // down to the line below, or to the bottom
    fill: spec.stacked ? faint(name, 55) : undefined,
    class: style === "edge" ? "unlisted" : isPoints(style) ? "round" : "listed",
    spanGaps: !gaps && style !== "edge" && !isPoints(style),
  });
  const isPoints = (style) => style === "marks" || style === "dots";

  const faint = (name, percent) => `color-mix(in srgb, ${ink(name)} ${percent}%, transparent)`;

  // between two edges, or between each share of a stack and the one below
  const bandsOf = ({ band, stacked, series }) => {
    if (stacked) return series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] }));
    return band ? [{ series: band.map((i) => i + 1), fill: faint(series[band[0]].ink, 22) }] : [];
  };

  const linesOf = ({ stacked, series }) => {
    if (!stacked) return series.map(({ values }) => values);
    const sum = series[0].values.map(() => 0);
    return series.map(({ values }) =>
      values.map((value, i) => {
        sum[i] += value;
        return sum[i];
      }),
    );
  };

  // upright lines, each with its words above the plot, or its short word where there is no room
  const drawMarks = (plot, marks) => {
    const { ctx: c, bbox } = plot;
    const ratio = uPlot.pxRatio;
    const [left, right] = [bbox.left, bbox.left + bbox.width];
    const places = marks.map(({ x }) => plot.valToPos(x, "x", true));
    c.save();
    c.font = FONT.replace("12px", `${12 * ratio}px`);
    c.textBaseline = "bottom";
    c.textAlign = "left";
    c.fillStyle = c.strokeStyle = ink("soft");
    c.lineWidth = ratio;
    c.setLineDash([3 * ratio, 3 * ratio]);
    marks.forEach(({ label, short: word }, i) => {
      const from = Math.max(left, places[i]);
      const room = Math.min(right, places[i + 1] ?? right) - from - 8 * ratio;
      const text = [label, word].find((candidate) => c.measureText(candidate).width <= room);
      if (text) c.fillText(text, from + 3 * ratio, bbox.top - 3 * ratio);
      if (places[i] < left || places[i] > right) return;
      c.beginPath();
      c.moveTo(places[i], bbox.top - 14 * ratio);
      c.lineTo(places[i], bbox.top + bbox.height);
      c.stroke();
    });
    c.restore();
  };

  // a histogram at every x: each cell reaches halfway to its neighbours, as dark as its share of the largest
  const drawCells = (plot, xs, { edges, shares }) => {
    const { ctx: c, bbox } = plot;
    const most = Math.max(...shares.flat());
    const across = xs.map((x) => plot.valToPos(x, "x", true));
    const up = edges.map((edge) => plot.valToPos(edge, "y", true));
    const between = (i) => {
      if (xs.length === 1) return i === 0 ? bbox.left : bbox.left + bbox.width;
      if (i === 0) return across[0] - (across[1] - across[0]) / 2;
      if (i === xs.length) return across[i - 1] + (across[i - 1] - across[i - 2]) / 2;
      return (across[i - 1] + across[i]) / 2;
    };
    c.save();
    c.beginPath();
    c.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    c.clip();
    c.fillStyle = ink("accent");
    shares.forEach((row, i) => {
      const [left, right] = [Math.floor(between(i)), Math.ceil(between(i + 1))];
      row.forEach((share, bar) => {
        if (share === 0) return;
        const [top, bottom] = [Math.floor(up[bar + 1]), Math.ceil(up[bar])];
        // a few of many should be seen, too
        c.globalAlpha = 0.08 + 0.62 * Math.sqrt(share / most);
        c.clearRect(left, top, right - left, bottom - top);
        c.fillRect(left, top, right - left, bottom - top);
      });
    });
    c.restore();
  };

  const hooksOf = ({ xs, marks, cells }) => ({
    ...(cells && { drawClear: [(plot) => drawCells(plot, xs, cells)] }),
    ...(marks && { draw: [(plot) => drawMarks(plot, marks)] }),
  });

  function draw(element, spec, width) {
    element.replaceChildren();
    if (!spec) return;
    const plot = new uPlot(
      {
        width,
        height: spec.low ? 170 : Math.min(320, Math.max(240, Math.round(width * 0.55))),
        scales: { x: xScale(spec.x), y: yScale(spec.y) },
        axes: [axisOf(spec.x, "x", 36), axisOf(spec.y, "y", 52)],
        series: [
          { label: spec.x.label, value: (_plot, value) => read(value) },
          ...spec.series.map((line) => seriesOf(spec, line)),
        ],
        // uPlot knows no colour of points without a rim
        legend: { markers: { stroke: (_plot, i) => ink(spec.series[i - 1].ink) } },
        bands: bandsOf(spec),
        padding: [spec.marks ? 22 : null, null, null, null],
        // where a line has no value under the pointer, the nearest it has
        cursor: { hover: { skip: [null], prox: 30 }, sync: spec.pointer ? { key: spec.pointer } : undefined },
        hooks: hooksOf(spec),
      },
      [spec.xs, ...linesOf(spec)],
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

  return { draw, logTicks, labelsOf };
})();
