/**
 * The strings of the first page: five tunings of one learned string, plucked by pointer or key, and strummed by dragging.
 * The sound is the model's; what is drawn is a sketch of a plucked string, slowed down (the instrument shows the real
 * thing).
 */
import { coreBytes, fetchBytes } from "../audio/core-files.ts";
import { MODELS } from "../models.ts";
import { StringPlayer } from "./string-player.ts";
import { StringSketch } from "./string-sketch.ts";

interface Stage {
  place: HTMLElement;
  canvas: HTMLCanvasElement;
  buttons: HTMLButtonElement[];
  status: HTMLElement;
  sketch: StringSketch;
}

let player: Promise<StringPlayer> | undefined;

/** Start sound, in a gesture; asked again after a failure. */
function begin({ buttons, status }: Stage): Promise<StringPlayer> {
  if (player) return player;
  status.textContent = "Tuning…";
  player = StringPlayer.start(
    MODELS[0].url,
    buttons.map(({ dataset }) => Number(dataset.f0)),
  );
  player.then(
    () => {
      status.textContent = "Drag across the strings, or press 1 to 5.";
    },
    (error: Error) => {
      player = undefined;
      status.textContent = `No sound: ${error.message}.`;
    },
  );
  return player;
}

/** Pluck a string. @param place where along it, 0 .. 1 @param velocity 0 .. 1 */
async function pluck(stage: Stage, i: number, place: number, velocity: number) {
  stage.sketch.pluck(i, place, velocity);
  const strings = await begin(stage).catch(() => undefined);
  strings?.pluck(i, place, velocity);
}

function listen(stage: Stage) {
  const { place, canvas, buttons } = stage;
  let last = { i: -1, x: 0, y: 0, at: 0 };
  const touched = (event: PointerEvent): number => {
    const { top, height } = place.getBoundingClientRect();
    return Math.floor(((event.clientY - top) / height) * buttons.length);
  };
  const along = (event: PointerEvent) => {
    const { left, width } = canvas.getBoundingClientRect();
    return Math.min(0.97, Math.max(0.03, (event.clientX - left) / width));
  };
  place.addEventListener("pointerdown", (event) => {
    const i = touched(event);
    last = { i, x: event.clientX, y: event.clientY, at: event.timeStamp };
    if (buttons[i]) pluck(stage, i, along(event), 0.7);
  });
  place.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    const i = touched(event);
    if (i === last.i || !buttons[i]) return;
    // a quick strum is a loud one
    const speed = Math.abs(event.clientY - last.y) / Math.max(1, event.timeStamp - last.at);
    last = { i, x: event.clientX, y: event.clientY, at: event.timeStamp };
    pluck(stage, i, along(event), Math.min(1, 0.35 + 0.5 * speed));
  });
  for (const [i, button] of buttons.entries()) {
    // a pointer has plucked already; what is left are keys and assistive technology
    button.addEventListener("click", (event) => event.detail === 0 && pluck(stage, i, 0.3, 0.7));
  }
  document.addEventListener("keydown", (event) => {
    const i = Number(event.key) - 1;
    if (buttons[i] && !event.repeat && !event.ctrlKey && !event.metaKey && !event.altKey)
      pluck(stage, i, 0.3, 0.7);
  });
  // what will be needed is fetched when a hand comes near
  place.addEventListener("pointerenter", () => void Promise.all([coreBytes(), fetchBytes(MODELS[0].url)]), {
    once: true,
  });
}

const place = document.querySelector<HTMLElement>("#strings");
const status = document.querySelector<HTMLElement>("#strings-status");
if (place && status && MODELS.length > 0) {
  const canvas = place.querySelector("canvas") as HTMLCanvasElement;
  const buttons = [...place.querySelectorAll("button")];
  const sketch = new StringSketch(canvas, buttons.length);
  listen({ place, canvas, buttons, status, sketch });
  // a silent strum, so that one sees what these lines are
  for (const i of buttons.keys()) sketch.pluck(i, 0.22, 0.55, 0.35 + 0.11 * i);
}
