/** The audition's player on the page: buttons, keys, waveforms, and the blind test. */
import { BlindTest, describeScore, type Side } from "./blind-test.ts";
import { type LoadedSound, Player, type SoundName } from "./player.ts";
import { Waveforms } from "./waveforms.ts";

const NAMES: SoundName[] = ["target", "render", "karplus"];
const SIDES: Record<Side, SoundName> = { a: "target", b: "render" };

export class Listening {
  readonly #player = new Player();
  readonly #find = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;
  readonly #play = this.#find<HTMLButtonElement>("#play");
  readonly #position = this.#find<HTMLInputElement>("#position");
  readonly #waves = new Waveforms(this.#find<HTMLCanvasElement>("#waves"));
  readonly #sounds = [...document.querySelectorAll<HTMLButtonElement>("[data-sound]")];
  readonly #blinds = [...document.querySelectorAll<HTMLButtonElement>("[data-blind]")];
  readonly #blind = this.#find<HTMLDetailsElement>("#blind");
  #test = new BlindTest();
  /** What the blind test lets one hear; null while it is closed. */
  #blindly: Side | "x" | null = null;

  constructor() {
    this.#player.onChange = () => this.#follow();
    this.#play.addEventListener("click", () => this.#toggle());
    this.#position.addEventListener("input", () => {
      this.#player.seek(Number(this.#position.value));
      this.draw();
    });
    for (const button of this.#sounds) {
      button.addEventListener("click", () => {
        // to choose by name is to leave the test
        this.#blind.open = false;
        this.#hear(button.dataset.sound as SoundName);
      });
    }
    for (const button of this.#blinds) {
      button.addEventListener("click", () => this.#hearBlindly(button.dataset.blind as Side | "x"));
    }
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-answer]")) {
      button.addEventListener("click", () => this.#answer(button.dataset.answer as Side));
    }
    this.#blind.addEventListener("toggle", () => {
      if (this.#blind.open) this.#hearBlindly("x", false);
      else this.#hear(this.#player.heard);
      this.#say("");
    });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  load(sounds: Record<SoundName, LoadedSound>, sampleRate: number): void {
    this.#player.load(sounds, sampleRate);
    this.#waves.load(sounds);
    this.#test = new BlindTest();
    this.#blind.open = false;
    this.#position.max = `${this.#player.seconds}`;
    const quietest = Math.min(...NAMES.map((name) => sounds[name].gain));
    this.#find("#gains").textContent = NAMES.map((name) => {
      const label = { target: "recording", render: "render", karplus: "plain string" }[name];
      return `${label} +${(20 * Math.log10(sounds[name].gain / quietest)).toFixed(1)} dB`;
    }).join(", ");
    this.#hear("target");
  }

  /** Nothing is shown that could be heard. */
  stop(): void {
    this.#player.stop();
  }

  draw(): void {
    const { position, seconds, heard } = this.#player;
    this.#waves.draw(seconds > 0 ? position / seconds : 0, this.#blindly === null ? heard : null);
  }

  #toggle(): void {
    if (this.#player.isPlaying) this.#player.stop();
    else this.#player.play();
  }

  /** Keep the page in step with the player. */
  #follow(): void {
    const { isPlaying, position } = this.#player;
    this.#play.textContent = isPlaying ? "Stop" : "Play";
    this.#play.classList.toggle("playing", isPlaying);
    this.#position.value = `${position}`;
    this.#position.setAttribute("aria-valuetext", `${position.toFixed(1)} seconds`);
    this.draw();
    if (isPlaying) requestAnimationFrame(() => this.#follow());
  }

  #hear(name: SoundName): void {
    this.#blindly = null;
    this.#player.hear(name);
    this.#press();
  }

  #hearBlindly(side: Side | "x", plays = true): void {
    this.#blindly = side;
    this.#player.hear(SIDES[side === "x" ? this.#test.x : side]);
    if (plays && !this.#player.isPlaying) this.#player.play();
    this.#press();
  }

  #answer(guess: Side): void {
    const was = this.#test.answer(guess);
    this.#say(
      `It was ${was === "a" ? "the recording" : "the render"}: ${guess === was ? "right" : "wrong"}. `,
    );
    // X is another now, from the start
    this.#player.seek(0);
    this.#hearBlindly("x");
  }

  #say(before: string): void {
    this.#find("#score").textContent = `${before}${describeScore(this.#test.score)}`;
  }

  #press(): void {
    for (const button of this.#sounds) {
      const isHeard = this.#blindly === null && button.dataset.sound === this.#player.heard;
      button.setAttribute("aria-pressed", String(isHeard));
    }
    for (const button of this.#blinds) {
      button.setAttribute("aria-pressed", String(button.dataset.blind === this.#blindly));
    }
    this.draw();
  }

  #key(event: KeyboardEvent): void {
    const isTyping =
      event.target instanceof HTMLElement && event.target.closest("input, select, button, summary");
    const isShown = this.#player.seconds > 0 && this.#play.checkVisibility();
    if (event.ctrlKey || event.metaKey || event.altKey || !isShown) return;
    if (event.key === " " && !isTyping) {
      event.preventDefault();
      this.#toggle();
    }
    const name = NAMES[Number(event.key) - 1];
    if (!name || (isTyping && event.target instanceof HTMLSelectElement)) return;
    if (this.#blind.open) this.#hearBlindly((["a", "b", "x"] as const)[Number(event.key) - 1]);
    else this.#hear(name);
  }
}
