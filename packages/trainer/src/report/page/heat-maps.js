// Draws the report's heat maps on canvases, from the JSON that plots.ts describes (HeatMap), and reads out their cells.
// A script of the report; the playground imports it as a module, so what it makes is put on the global object.
globalThis.heatMaps = (() => {
  const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif";
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  // colour maps, from low to high: [red, green, blue]; lightness rises evenly (level), or falls to both sides (difference)
  const COLOURS = {
    level: [
      [10, 8, 36],
      [59, 15, 112],
      [140, 41, 129],
      [222, 73, 104],
      [254, 159, 109],
      [252, 253, 191],
    ],
    difference: [
      [5, 48, 97],
      [33, 102, 172],
      [146, 197, 222],
      [247, 247, 247],
      [244, 165, 130],
      [178, 24, 43],
      [103, 0, 31],
    ],
  };
  const colourAt = (stops, share) => {
    const position = Math.max(0, Math.min(1, share)) * (stops.length - 1);
    const i = Math.min(stops.length - 2, Math.floor(position));
    return stops[i].map((low, c) => low + (stops[i + 1][c] - low) * (position - i));
  };

  // left, top, right and bottom of the picture inside its canvas, in CSS pixels
  const frameOf = (width, height) => ({ left: 46, top: 6, right: width - 12, bottom: height - 80 });
  const rowOf = (edges, frequency) => {
    const i = edges.findIndex((edge) => edge > frequency) - 1;
    return i < 1 ? i : i + Math.log(frequency / edges[i]) / Math.log(edges[i + 1] / edges[i]);
  };

  function draw(canvas, spec, width) {
    const height = canvas.clientHeight;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const c = canvas.getContext("2d");
    c.scale(ratio, ratio);
    const frame = frameOf(width, height);
    const [w, h, rows] = [frame.right - frame.left, frame.bottom - frame.top, spec.edges.length - 1];
    c.font = FONT;
    c.fillStyle = c.strokeStyle = ink("soft");

    // hatched where nothing was compared: the picture above it is transparent there
    c.save();
    c.beginPath();
    c.rect(frame.left, frame.top, w, h);
    c.clip();
    c.globalAlpha = 0.45;
    for (let x = frame.left - h; x < frame.right; x += 7) {
      c.moveTo(x, frame.bottom);
      c.lineTo(x + h, frame.top);
    }
    c.stroke();
    c.restore();
    c.imageSmoothingEnabled = false;
    c.drawImage(pictureOf(spec, rows), frame.left, frame.top, w, h);

    c.textAlign = "right";
    c.textBaseline = "middle";
    for (const frequency of [60, 125, 250, 500, 1000, 2000, 4000, 8000, 16000]) {
      const y = frame.bottom - (rowOf(spec.edges, Math.min(frequency, spec.edges[rows] * 0.9999)) / rows) * h;
      if (frequency <= spec.edges[rows])
        c.fillText(frequency < 1000 ? frequency : `${frequency / 1000}k`, frame.left - 6, Math.max(y, 8));
    }
    c.save();
    c.translate(9, (frame.top + frame.bottom) / 2);
    c.rotate(-Math.PI / 2);
    c.textAlign = "center";
    c.fillText("frequency (Hz)", 0, 0);
    c.restore();
    c.textAlign = "center";
    const step = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((s) => spec.seconds / s <= 6) ?? 200;
    for (let t = 0; t <= spec.seconds; t += step)
      c.fillText(Number(t.toPrecision(3)), frame.left + (t / spec.seconds) * w, frame.bottom + 12);
    c.fillText("time (s)", (frame.left + frame.right) / 2, frame.bottom + 29);
    drawColourBar(c, spec, frame.left, frame.bottom + 46, w);
  }

  function pictureOf(spec, rows) {
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [spec.frames, rows];
    const image = new ImageData(spec.frames, rows);
    spec.values.forEach((value, i) => {
      if (value === null) return;
      const [row, column] = [rows - 1 - Math.floor(i / spec.frames), i % spec.frames];
      const rgb = colourAt(COLOURS[spec.kind], (value - spec.min) / (spec.max - spec.min));
      image.data.set([...rgb, 255], 4 * (row * spec.frames + column));
    });
    picture.getContext("2d").putImageData(image, 0, 0);
    return picture;
  }

  function drawColourBar(c, spec, left, top, width) {
    const gradient = c.createLinearGradient(left, 0, left + width, 0);
    for (const [i, rgb] of COLOURS[spec.kind].entries()) {
      gradient.addColorStop(i / (COLOURS[spec.kind].length - 1), `rgb(${rgb})`);
    }
    c.fillStyle = gradient;
    c.fillRect(left, top, width, 10);
    c.fillStyle = ink("soft");
    for (let i = 0; i <= 4; i++) {
      const value = spec.min + ((spec.max - spec.min) * i) / 4;
      c.textAlign = ["left", "center", "center", "center", "right"][i];
      const sign = value < 0 ? "−" : spec.kind === "difference" && value > 0 ? "+" : "";
      c.fillText(`${sign}${Math.abs(value)}${i === 4 ? " dB" : ""}`, left + (width * i) / 4, top + 21);
    }
  }

  function readCell(canvas, spec, event) {
    const box = canvas.getBoundingClientRect();
    const frame = frameOf(box.width, box.height);
    const rows = spec.edges.length - 1;
    const across = (event.clientX - box.left - frame.left) / (frame.right - frame.left);
    const up = (frame.bottom - (event.clientY - box.top)) / (frame.bottom - frame.top);
    const readout = canvas.nextElementSibling;
    if (!(across >= 0 && across < 1 && up >= 0 && up < 1)) {
      readout.textContent = "";
      return;
    }
    const band = Math.floor(up * rows);
    const value = spec.values[band * spec.frames + Math.floor(across * spec.frames)];
    const level = value === null ? "not compared" : `${value.toFixed(1).replace("-", "−")} dB`;
    readout.textContent = `${(across * spec.seconds).toFixed(2)} s, ${spec.edges[band]} to ${spec.edges[band + 1]} Hz: ${level}`;
  }

  return { draw, readCell };
})();
