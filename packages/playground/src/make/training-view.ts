/** Shows a training on the page: how far it is, its curves, both reliefs, and both sounds from the same moment on. */
import { drawSurface } from "../audition/surface.ts";
import { drawPictures, redrawn } from "../plots/report-plots.ts";
import { gainFor } from "./level.ts";
import type { Speaker } from "./speaker.ts";
import type { Training } from "./training.ts";
import { edrPlot, lossPlot } from "./training-plots.ts";

/** Milliseconds between two drawings of curves: twice a second is smooth enough for something that takes minutes. */
const REDRAW_MS = 500;

const find = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;

export class TrainingView {
  readonly #training: Training;
  readonly #speaker: Speaker;
  readonly #start = find<HTMLButtonElement>("#start");
  readonly #pause = find<HTMLButtonElement>("#pause");
  readonly #stop = find<HTMLButtonElement>("#stop");
  readonly #state = find("#state");
  readonly #done = find<HTMLProgressElement>("#done");
  readonly #figures = find("#figures");
  readonly #pictures = find("#pictures");
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silence: (() => void) | undefined;
  /** Whose reliefs the canvases show. */
  #drawnBest: Training["best"] = null;

  constructor(training: Training, speaker: Speaker) {
    this.#training = training;
    this.#speaker = speaker;
    this.#pause.addEventListener("click", () => {
      if (training.status === "paused") training.resume();
      else training.pause();
    });
    this.#stop.addEventListener("click", () => training.stop());
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-hear]")) {
      button.addEventListener("click", () => this.#hear(button.dataset.hear as "target" | "render"));
    }
    redrawn(() => {
      this.#drawnBest = null;
      this.#draw();
    });
  }

  /** @param isReady whether there is something to begin with */
  show(isReady: boolean): void {
    const { status, isActive, best, step, steps, history } = this.#training;
    find("#train").setAttribute("aria-busy", String(isActive && status !== "paused"));
    this.#start.hidden = isActive;
    this.#start.disabled = !isReady;
    this.#start.textContent = this.#invitation();
    for (const control of document.querySelectorAll<HTMLInputElement>("#steps, #seed")) {
      control.disabled = isActive;
    }
    this.#pause.hidden = this.#stop.hidden = !isActive;
    this.#pause.disabled = !["running", "paused"].includes(status);
    this.#stop.disabled = status === "stopping";
    this.#pause.textContent = status === "paused" ? "Go on" : "Pause";
    this.#say(this.#sentence(isReady));
    const isBegun = step > 0 || isActive;
    this.#done.hidden = !isBegun;
    this.#done.max = Math.max(1, steps);
    this.#done.value = step;
    find("#sounds").hidden = best?.sounds == null;
    find("#reliefs").hidden = best?.edrSurface == null;
    this.#pictures.hidden = history.losses.length === 0 && history.heard.length === 0;
    this.#figures.textContent = figures(this.#training);
    this.#figures.hidden = this.#figures.textContent === "";
    this.#drawSoon();
  }

  #invitation(): string {
    if (this.#training.isUnfinished) return "Go on";
    return this.#training.status === "done" ? "Learn it anew" : "Learn it";
  }

  #sentence(isReady: boolean): string {
    const { status, step, steps, failure, best, wasStopped, seconds, threads } = this.#training;
    switch (status) {
      case "starting":
        return "Getting ready…";
      case "running":
        return `${threads === null ? "" : `On ${threads} ${threads === 1 ? "core" : "cores"}: `}${stageOf(this.#training)}`;
      case "pausing":
        return "Pausing after this step…";
      case "paused":
        return `Paused at step ${step} of ${steps}.`;
      case "stopping":
        return "Ending: the best string so far is made ready…";
      case "done": {
        const took = seconds === null ? "" : ` in ${duration(seconds)}`;
        return `${wasStopped ? "Stopped" : "Done"} after ${step} steps${took}. ${best ? "This is your string." : ""}`;
      }
      case "failed":
        return failure ?? "";
      default:
        if (this.#training.isUnfinished) return `Left at step ${step} of ${steps}; it can go on.`;
        return isReady ? "Ready." : "First, a recording that can be learned from.";
    }
  }

  #say(text: string): void {
    if (this.#state.textContent !== text) this.#state.textContent = text;
    this.#state.className = this.#training.status === "failed" ? "notice poor" : "";
  }

  #drawSoon(): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#drawnAt + REDRAW_MS - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, wait);
  }

  #draw(): void {
    this.#drawnAt = performance.now();
    const { history, best } = this.#training;
    if (!this.#pictures.hidden) {
      const plots: Parameters<typeof drawPictures>[1]["plots"] = {};
      if (history.losses.length > 0) plots.loss = lossPlot(history);
      if (history.heard.length > 0) plots.edr = edrPlot(history);
      drawPictures(this.#pictures, { plots, heats: {} });
    }
    // surfaces take longer to draw than curves, and change with the string alone
    if (!best?.edrSurface || best === this.#drawnBest) return;
    this.#drawnBest = best;
    for (const canvas of this.#pictures.querySelectorAll<HTMLCanvasElement>("[data-surface]")) {
      drawSurface(canvas, best.edrSurface[canvas.dataset.surface as "target" | "render"]);
    }
  }

  #hear(which: "target" | "render"): void {
    this.#silence?.();
    const sounds = this.#training.best?.sounds;
    if (!sounds) return;
    const samples = sounds[which];
    this.#silence = this.#speaker.play(samples, sounds.sampleRate, gainFor(samples));
  }
}

/** Where it is. How long a step takes depends on the stage, so what is left is told of the stage alone. */
function stageOf({ step, steps, stage, round, secondsPerStep, history }: Training): string {
  if (round !== null) return `the last touch, round ${round.done} of ${round.of}.`;
  const { to } = history.stages.find(({ to }) => step < to) ?? { to: steps };
  const isKnown = secondsPerStep !== null && Number.isFinite(secondsPerStep) && step < to;
  const left = isKnown ? ` (about ${duration((to - step) * secondsPerStep)} left of it)` : "";
  return `step ${step} of ${steps}${stage ? `, ${stage}${left}` : ""}.`;
}

/** How close the best string is, in figures. */
function figures({ best, summary }: Training): string {
  const { metrics, step } = best ?? {};
  if (!metrics) return summary;
  const { edr, edc, lsd, cents } = metrics;
  return (
    `Best so far, of step ${step}, beside the recording: decay relief ${edr.toFixed(1)} dB, decay curve ${edc.toFixed(1)} dB, ` +
    `spectrum ${lsd.toFixed(1)} dB, pitch ${cents.toFixed(1)} cents apart. ${summary ? `(${summary}.)` : ""}`
  );
}

/** "1:05 min", "40 s" */
function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 90) return `${whole} s`;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} min`;
}
