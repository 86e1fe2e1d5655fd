/**
 * Draws public/share.png, the picture that other sites show beside a link to this one: the site's colours, its claim, and
 * strings that swing. Drawn as SVG and made into pixels by a Chromium of this machine (CHROMIUM_PATH, or one in the PATH),
 * since those other sites show no SVG. The picture is committed; run `node make-share-picture.ts` when the words change.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Pixels: what those who show such pictures ask for. */
const [WIDTH, HEIGHT] = [1200, 630];
/** Of the dark theme, in styles/tokens.css. */
const [PAPER, INK, SOFT, WIRE] = ["#17130f", "#f3eadf", "#b9ab9b", "#e9a05c"];
const [LEFT, RIGHT] = [80, WIDTH - 80];
const SERIF = "ui-serif, 'Palatino Linotype', Georgia, 'DejaVu Serif', serif";
const SANS = "system-ui, 'Liberation Sans', 'DejaVu Sans', sans-serif";

/** Three strings: where they lie, how thick, and how far which of their partials swing (pixels). */
const STRINGS = [
  { y: 400, width: 7, swings: [26, 12, 5] },
  { y: 480, width: 5, swings: [20, -14, 8] },
  { y: 555, width: 3.5, swings: [-15, 10, 9] },
];

function path(y: number, swings: readonly number[]): string {
  const points = Array.from({ length: 241 }, (_, i) => {
    const share = i / 240;
    const height = swings.reduce((sum, swing, n) => sum + swing * Math.sin(Math.PI * (n + 1) * share), 0);
    return `${(LEFT + share * (RIGHT - LEFT)).toFixed(1)} ${(y + height).toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}

function strings(): string {
  return STRINGS.map(({ y, width, swings }) => {
    const back = swings.map((swing) => -swing);
    const line = (d: string, size: number, opacity: number) =>
      `<path d="${d}" fill="none" stroke="${WIRE}" stroke-width="${size}" stroke-linecap="round" opacity="${opacity}"/>`;
    return `${line(path(y, back), width / 2, 0.3)}${line(path(y, swings), width, 1)}
      <circle cx="${LEFT}" cy="${y}" r="8" fill="${INK}"/><circle cx="${RIGHT}" cy="${y}" r="8" fill="${INK}"/>`;
  }).join("");
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
  <rect width="${WIDTH}" height="${HEIGHT}" fill="${PAPER}"/>
  <text x="${LEFT}" y="100" fill="${SOFT}" font-family="${SANS}" font-size="34">neural-string</text>
  <g fill="${INK}" font-family="${SERIF}" font-size="76" font-weight="700">
    <text x="${LEFT}" y="205">A recording goes in.</text>
    <text x="${LEFT}" y="300">A string comes out.</text>
  </g>
  ${strings()}
</svg>`;

const folder = mkdtempSync(join(tmpdir(), "share-picture-"));
try {
  const page = join(folder, "picture.html");
  writeFileSync(page, `<!doctype html><style>body{margin:0}svg{display:block}</style>${svg}`);
  const out = fileURLToPath(new URL("public/share.png", import.meta.url));
  execFileSync(
    process.env.CHROMIUM_PATH ?? "chromium",
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--hide-scrollbars",
      "--force-device-scale-factor=1",
      `--window-size=${WIDTH},${HEIGHT}`,
      `--screenshot=${out}`,
      page,
    ],
    { stdio: "ignore" },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
