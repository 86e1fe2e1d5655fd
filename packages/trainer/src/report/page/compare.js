// Draws the chosen runs' curves into one picture each, smoothed as the reader wishes.
(() => {
  const { runs, settings, drawn, mostDrawn } = JSON.parse(document.getElementById("report-data").textContent);
  const byId = new Map(runs.map((run) => [run.id, run]));
  const INKS = 6;
  const chosen = [...drawn];
  const at = (id) => document.getElementById(id);
  const looks = () => {
    const label = labels();
    return chosen.map((id, i) => ({
      id,
      label: label(id),
      ink: `filter-${(i % INKS) + 1}`,
      style: i < INKS ? "line" : "dashed",
    }));
  };

  // settings that a legend's entry tells at most
  const MOST_SETTINGS = 3;
  const place = new Map(runs.map(({ id }, i) => [id, i]));
  // a run's number, and the settings that tell it from the others drawn
  const labels = () => {
    const differ = settings
      .map(({ name, values }) => ({ name, of: (id) => values[place.get(id)] }))
      .map((setting) => ({ ...setting, kinds: new Set(chosen.map(setting.of)) }))
      .filter(({ kinds }) => kinds.size > 1 && !kinds.has(null));
    // those of most kinds, in the table's order
    const most = new Set(differ.toSorted((a, b) => b.kinds.size - a.kinds.size).slice(0, MOST_SETTINGS));
    const told = differ.filter((setting) => most.has(setting));
    const words = (id) => told.map(({ name, of }) => `${name} ${of(id)}`).join(", ");
    return (id) => (told.length === 0 ? id : `${byId.get(id).short} ${words(id)}`);
  };

  // exponential moving average, without the pull of the first value
  const smoothed = (values, factor) => {
    let [sum, weight] = [0, 0];
    return values.map((value) => {
      if (value === null) return null;
      sum = factor * sum + (1 - factor) * value;
      weight = factor * weight + (1 - factor);
      return sum / weight;
    });
  };

  // one axis for all: every x of any run, each run's values where it has them
  const together = (lines) => {
    const xs = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
    const place = new Map(xs.map((x, i) => [x, i]));
    const series = lines.map(({ x, values, ...rest }) => {
      const spread = new Array(xs.length).fill(null);
      x.forEach((v, i) => {
        spread[place.get(v)] = values[i];
      });
      return { ...rest, values: spread };
    });
    return { xs, series };
  };
  const above = (values, log) => (log ? values.map((value) => (value > 0 ? value : null)) : values);

  // what is known before the first update has no place on a logarithmic axis
  const fromFirst = ({ xs, series, ...rest }) => {
    const first = xs.findIndex((x) => x > 0);
    const from = first < 0 ? xs.length : first;
    const later = series.map(({ values, ...more }) => ({ ...more, values: values.slice(from) }));
    return { ...rest, xs: xs.slice(from), series: later };
  };

  function draw(id, asked) {
    const spec = asked.x.log ? fromFirst(asked) : asked;
    const element = at(id);
    const empty = spec.series.length === 0 || spec.xs.length === 0;
    element.replaceChildren();
    element.classList.toggle("bare", empty);
    if (empty) element.textContent = "Nothing to draw.";
    else linePlots.draw(element, spec, element.clientWidth);
  }

  function drawLosses() {
    const factor = Number(at("smoothing").value);
    const log = at("log-y").checked;
    const lines = looks().map(({ id, label, ink, style }) => {
      const { x, mean } = byId.get(id).series.updates;
      return { label, ink, style, x, values: above(smoothed(mean, factor), log) };
    });
    const [first] = chosen;
    const band = at("band").checked && first !== undefined && byId.get(first).series.updates.x.length > 0;
    const edges = band
      ? ["high", "low"].map((edge) => {
          const { x, [edge]: values } = byId.get(first).series.updates;
          return {
            label: `${edge}est, ${byId.get(first).short}`,
            ink: "filter-1",
            style: "edge",
            x,
            values: above(values, log),
          };
        })
      : [];
    draw("plot-updates", {
      x: { label: "update", log: at("log-x").checked },
      y: { label: "loss", log },
      ...together([...edges, ...lines]),
      ...(band && { band: [0, 1] }),
    });
    drawEpochs(factor, log);
  }

  function drawEpochs(factor, log) {
    const have = looks().filter(({ id }) => byId.get(id).series.epochs.x.length > 0);
    const sizes = new Set(have.map(({ id }) => byId.get(id).batchSize));
    const alike = sizes.size <= 1;
    at("epochs-note").textContent =
      have.length === 0
        ? "None of the chosen runs finished an epoch."
        : alike
          ? ""
          : `The chosen runs have batches of ${[...sizes].join(" and ")}: an epoch is another number of updates in each, so they are not drawn together.`;
    const lines = (alike ? have : []).map(({ id, label, ink, style }) => {
      const { x, mean } = byId.get(id).series.epochs;
      return { label, ink, style, x, values: above(smoothed(mean, factor), log) };
    });
    draw("plot-epochs", { x: { label: "epoch" }, y: { label: "loss", log }, ...together(lines) });
  }

  function drawClosed() {
    const measure = at("measure").value;
    const lines = looks().map(({ id, label, ink, style }) => {
      const { x, [measure]: values } = byId.get(id).series.closed;
      return { label, ink, style, x, values: above(values, true) };
    });
    draw("plot-closed", {
      x: { label: "update", log: at("log-x").checked },
      y: { label: "dB, lower is better", log: true },
      ...together(lines),
    });
  }

  function drawExamples() {
    const have = looks().filter(({ id }) => byId.get(id).series.examples.x.length > 0);
    const kinds = new Set(have.map(({ id }) => byId.get(id).loss));
    at("examples-note").textContent =
      have.length === 0
        ? "None of the chosen runs kept the losses of single examples."
        : kinds.size > 1
          ? "The chosen runs have different losses: their heights do not compare, only how they fall."
          : "Each run's own fixed examples, the same at every evaluation; its report.html shows the hardest.";
    const q = Number(at("quantile").value);
    const lines = have.map(({ id, label, ink, style }) => {
      const { x, quantiles } = byId.get(id).series.examples;
      return { label, ink, style, x, values: above(quantiles[q], true) };
    });
    draw("plot-examples", {
      x: { label: "update", log: at("log-x").checked },
      y: { label: "loss of an example", log: true },
      ...together(lines),
    });
  }

  function drawAll() {
    compareTable.show(new Map(looks().map(({ id, ink }) => [id, ink])));
    drawLosses();
    drawClosed();
    drawExamples();
  }
  compareTable.onChoice((id, isChosen) => {
    const i = chosen.indexOf(id);
    if (i >= 0) chosen.splice(i, 1);
    if (isChosen) chosen.push(id);
    if (chosen.length > mostDrawn) chosen.shift();
    drawAll();
  });
  at("none").addEventListener("click", () => {
    chosen.length = 0;
    drawAll();
  });
  for (const id of ["smoothing", "log-y", "band"]) at(id).addEventListener("input", drawLosses);
  at("log-x").addEventListener("input", drawAll);
  at("measure").addEventListener("input", drawClosed);
  at("quantile").addEventListener("input", drawExamples);
  for (const event of ["resize", "redraw", "beforeprint", "afterprint"]) addEventListener(event, drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // what is folded has no width: it is drawn when it opens
  for (const details of document.querySelectorAll("details"))
    details.addEventListener("toggle", () => details.open && dispatchEvent(new Event("redraw")));
  drawAll();
})();
