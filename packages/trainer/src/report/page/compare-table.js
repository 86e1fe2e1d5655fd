// The table of runs: sorts by a heading, finds by words, and says which runs are chosen.
globalThis.compareTable = (() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];

  const sortedBy = (row, column) => row.cells[column].dataset.sort ?? "";
  // numbers before words, words before nothing
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const [x, y] = [Number(a), Number(b)];
    if (Number.isNaN(x) || Number.isNaN(y)) return a.localeCompare(b, "en", { numeric: true });
    return x - y;
  };
  table.tHead.addEventListener("click", (event) => {
    const heading = event.target.closest("th[aria-sort]");
    if (!heading) return;
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells)
      if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const column = heading.cellIndex;
    const sorted = [...rows].sort((a, b) => {
      const [x, y] = [sortedBy(a, column), sortedBy(b, column)];
      // what has no value stays last, whichever way
      return x === "" || y === "" || !down ? compare(x, y) : compare(y, x);
    });
    body.append(...sorted);
  });

  const find = document.getElementById("find");
  find.addEventListener("input", () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    say();
  });
  const say = () => {
    const seen = rows.filter((row) => !row.hidden).length;
    const drawn = rows.filter((row) => row.classList.contains("drawn")).length;
    document.getElementById("count").textContent =
      `${seen} of ${rows.length} ${rows.length === 1 ? "run" : "runs"}, ${drawn} drawn`;
  };

  /** Call `changed` with a run's id and whether it was chosen. */
  const onChoice = (changed) =>
    body.addEventListener("change", (event) => {
      const box = event.target.closest(".draw");
      if (box) changed(box.closest("tr").dataset.run, box.checked);
    });

  /** Show which runs are drawn, and in which ink. */
  const show = (inks) => {
    for (const row of rows) {
      const ink = inks.get(row.dataset.run);
      row.classList.toggle("drawn", ink !== undefined);
      row.querySelector(".draw").checked = ink !== undefined;
      row.querySelector(".swatch").className = `swatch ${ink ?? ""}`;
    }
    say();
  };
  return { onChoice, show };
})();
