// Fills the report's pictures from the JSON at the end of the page; redraws when the width or the colour scheme changes
// and when the page is printed. Asks nothing of any network.
(() => {
  const root = document.documentElement;
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const PRINT_WIDTH = 680;
  const drawPlot = (element, width) => linePlots.draw(element, data.plots[element.dataset.plot], width);

  const plots = [...document.querySelectorAll(".plot")];
  const heats = [...document.querySelectorAll(".heat")];
  function drawAll(widest = Number.POSITIVE_INFINITY) {
    // what is folded away has no width
    for (const element of plots)
      if (element.clientWidth > 0) drawPlot(element, Math.min(widest, element.clientWidth));
    for (const canvas of heats)
      if (canvas.clientWidth > 0)
        heatMaps.draw(canvas, data.heats[canvas.dataset.heat], Math.min(widest, canvas.clientWidth));
  }

  for (const canvas of heats) {
    canvas.addEventListener("pointermove", (event) =>
      heatMaps.readCell(canvas, data.heats[canvas.dataset.heat], event),
    );
    canvas.addEventListener("pointerdown", (event) =>
      heatMaps.readCell(canvas, data.heats[canvas.dataset.heat], event),
    );
  }
  for (const button of document.querySelectorAll("[data-shows]")) {
    button.addEventListener("click", () => {
      for (const other of button.parentElement.children)
        other.setAttribute("aria-pressed", String(other === button));
      const plot = button.closest("figure").querySelector(".plot");
      plot.dataset.plot = button.dataset.shows;
      drawPlot(plot, plot.clientWidth);
    });
  }
  for (const button of document.querySelectorAll("[data-plays]")) {
    const sound = button.nextElementSibling;
    button.addEventListener("click", () => {
      if (!sound.paused) sound.pause();
      // the next click may come before it has begun
      else sound.play().catch((error) => error.name === "AbortError" || console.error(error));
    });
    for (const event of ["play", "pause", "ended"])
      sound.addEventListener(event, () => button.setAttribute("aria-pressed", String(!sound.paused)));
  }
  for (const button of document.querySelectorAll("[data-worst-by]")) {
    button.addEventListener("click", () => {
      for (const other of button.parentElement.children)
        other.setAttribute("aria-pressed", String(other === button));
      const place = (row) => Number(row.dataset[button.dataset.worstBy] ?? 0);
      const body = document.querySelector(".worst tbody");
      body.append(...[...body.rows].sort((a, b) => place(a) - place(b)));
      for (const row of body.rows) row.hidden = place(row) === 0;
      drawAll();
    });
  }
  // one sound at a time
  document.addEventListener(
    "play",
    (event) => {
      for (const player of document.querySelectorAll("audio")) if (player !== event.target) player.pause();
    },
    true,
  );

  let drawnWidth = root.clientWidth;
  addEventListener("resize", () => {
    if (root.clientWidth === drawnWidth || root.classList.contains("printing")) return; // phones resize while scrolling
    drawnWidth = root.clientWidth;
    drawAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
  addEventListener("beforeprint", () => {
    root.classList.add("printing");
    for (const details of document.querySelectorAll("details")) details.open = true;
    drawAll(PRINT_WIDTH);
  });
  addEventListener("afterprint", () => {
    root.classList.remove("printing");
    drawAll();
  });
  addEventListener("redraw", () => drawAll());
  drawAll();
})();
