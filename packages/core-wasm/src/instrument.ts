/**
 * What the worklet's processor does, without the worklet: an instrument that takes messages and renders blocks. A passive
 * model is played by `Voices`, a classic one, or one that goes on from a recording, by a `Resonator`.
 */
import { Core } from "./core.ts";
import { Resonator } from "./resonator.ts";
import { Voices } from "./voices.ts";
import { checkMessage, requestOf } from "./worklet-checks.ts";
import type { FromWorklet, PlayMessage, ToWorklet } from "./worklet-messages.ts";

/** Frames that one call of `process` may ask for. */
const MOST_FRAMES = 8192;

/** Messages that may wait for their time; a page that posts more than that has lost count. */
const MOST_WAITING = 1 << 16;

/** A model that plays. */
interface Player {
  core: Core;
  model: (ToWorklet & { type: "load" })["model"];
  voices?: Voices;
  resonator?: Resonator;
}

export class Instrument {
  readonly #module: WebAssembly.Module;
  readonly #sampleRate: number;
  readonly #answer: (message: FromWorklet) => void;
  readonly #scratch = new Float32Array(MOST_FRAMES);
  /** By frame, then by when they came. */
  readonly #events: { frame: number; message: PlayMessage }[] = [];
  #player: Player | undefined;
  #next: Player | undefined;
  /** Plays no new notes: what of it still sounds fades. */
  #leaving: Player | undefined;
  #frame = 0;
  #reported = { brokenSamples: 0, guardInterventions: 0 };

  /**
   * @param module compiled from a build's bytes
   * @param sampleRate Hz
   * @param answer what to do with what is to be said
   */
  constructor(module: WebAssembly.Module, sampleRate: number, answer: (message: FromWorklet) => void) {
    this.#module = module;
    this.#sampleRate = sampleRate;
    this.#answer = answer;
  }

  /** Take a message; between two blocks. What cannot be done is answered with one sentence. */
  take(message: ToWorklet): void {
    this.#orSay(message, () => {
      checkMessage(message);
      if (message.type === "load") this.#next = this.#load(message);
      else if (message.type === "prepare") this.#loading("prepare").voices?.prepare(message.voices);
      else if (message.type === "tuning") this.#latest("tuning").voices?.addTuning(message.tuning);
      else if (message.type === "play") this.#swap(this.#loading("play"));
      else if (message.type === "sync") this.#answer({ type: "synced", id: message.id });
      else if (message.type !== "dispose") this.#schedule(message);
    });
  }

  /** What plays notes, for who wants to look at it; none before a model plays, or with a classic one. */
  get voices(): Voices | undefined {
    return this.#player?.voices;
  }

  /**
   * Render the next samples. Audio thread: allocates nothing but what a report or a refusal costs.
   * @param out f32, at most 8192 frames
   * @param frame of the context, of the first sample
   */
  process(out: Float32Array, frame: number): void {
    this.#frame = frame;
    let at = 0;
    while (at < out.length) {
      // what is due, then up to what comes next
      while (this.#events.length > 0 && this.#events[0].frame <= frame + at) {
        const event = this.#events.shift() as { message: PlayMessage };
        this.#orSay(event.message, () => this.#perform(event.message));
      }
      const due = this.#events.length > 0 ? this.#events[0].frame - frame : out.length;
      const to = Math.min(out.length, due);
      this.#render(out, at, to);
      at = to;
    }
    this.#report();
  }

  #load({ model, polyphony, releaseT60, lowestF0 }: ToWorklet & { type: "load" }): Player {
    const core = new Core(this.#module);
    if (model.kind === "classic") return { core, model, resonator: new Resonator(core, model) };
    const options = { polyphony, releaseT60, lowestF0, prepared: 0, sampleRate: this.#sampleRate };
    return { core, model, voices: new Voices(core, model, options) };
  }

  /** The model that was loaded last, whether it plays already or not. */
  #latest(what: string): Player {
    return this.#next ?? this.#player ?? this.#loading(what);
  }

  #loading(what: string): Player {
    if (this.#next === undefined)
      throw new RangeError(`${what}: expected a model to be loaded first, got none`);
    return this.#next;
  }

  #swap(next: Player): void {
    next.voices?.prepare();
    this.#events.length = 0;
    this.#player?.voices?.stop();
    this.#leaving = this.#player?.voices ? this.#player : undefined;
    this.#player = next;
    this.#next = undefined;
    this.#reported = { brokenSamples: 0, guardInterventions: 0 };
    this.#answer({ type: "loaded", sampleRate: this.#sampleRate, blockFrames: 128 });
  }

  #schedule(message: PlayMessage): void {
    const frame = message.time === undefined ? this.#frame : Math.round(message.time * this.#sampleRate);
    if (!Number.isFinite(frame)) throw new RangeError(`time: expected a number (s), got ${message.time}`);
    if (this.#events.length >= MOST_WAITING)
      throw new RangeError(
        `time: expected at most ${MOST_WAITING} messages to wait for theirs, got one more`,
      );
    let at = this.#events.length;
    while (at > 0 && this.#events[at - 1].frame > frame) at--;
    this.#events.splice(at, 0, { frame, message });
  }

  #perform(message: PlayMessage): void {
    const player = this.#player;
    if (player === undefined) throw new RangeError(`${message.type}: expected a model to play, got none`);
    const { voices, resonator } = player;
    switch (message.type) {
      case "noteOn":
        this.#notes(player, "noteOn").noteOn(message.f0, message.velocity, message.id, message);
        break;
      case "noteOff":
        this.#notes(player, "noteOff").noteOff(message.id);
        break;
      case "bend":
        this.#notes(player, "bend").bend(message.cents, message.id);
        if (message.id === undefined) resonator?.bend(message.cents);
        break;
      case "damp":
        this.#notes(player, "damp").damp(message.t60);
        resonator?.damp(message.t60);
        break;
      case "mute":
        this.#notes(player, "mute").mute(message.t60);
        break;
      case "polarisation":
        this.#notes(player, "polarisation").polarisation = message.mix;
        break;
      case "soften":
        this.#notes(player, "soften").soften(message.t60);
        resonator?.soften(message.t60);
        break;
      case "release":
        this.#notes(player, "release").releaseT60 = message.t60;
        break;
      case "control":
        voices?.setControl(message.index, message.value);
        resonator?.setControl(message.index, message.value);
        break;
      case "feature":
        player.resonator ??= new Resonator(player.core, player.model);
        if (message.value === "live") player.resonator.setFeatureLive(message.index);
        else player.resonator.setFeature(message.index, message.value);
        break;
      case "excite":
        player.resonator ??= new Resonator(player.core, player.model, { sampleRate: this.#sampleRate });
        player.resonator.excite(message.past, { guardHeadroom: message.guardHeadroom });
        break;
      case "stop":
        voices?.stop();
        resonator?.reset();
    }
  }

  #notes({ voices }: Player, what: string): Voices {
    if (voices === undefined) throw new RangeError(`${what}: expected a passive string, got a classic one`);
    return voices;
  }

  #render(out: Float32Array, from: number, to: number): void {
    const player = this.#player;
    if (player?.voices) player.voices.process(out, from, to);
    else out.fill(0, from, to);
    if (player?.resonator) {
      player.resonator.process(this.#scratch, 0, to - from);
      this.#mix(out, from, to);
    }
    if (this.#leaving?.voices) {
      this.#leaving.voices.process(this.#scratch, 0, to - from);
      this.#mix(out, from, to);
      if (this.#leaving.voices.isSilent) this.#leaving = undefined;
    }
  }

  #mix(out: Float32Array, from: number, to: number): void {
    for (let n = from; n < to; n++) out[n] += this.#scratch[n - from];
  }

  #report(): void {
    const { voices, resonator } = this.#player ?? {};
    const brokenSamples = (voices?.brokenSamples ?? 0) + (resonator?.brokenSamples ?? 0);
    const guardInterventions = resonator?.guardInterventions ?? 0;
    const before = this.#reported;
    if (brokenSamples === before.brokenSamples && guardInterventions === before.guardInterventions) return;
    const more = (now: number, then: number) => (now < then ? now : now - then);
    this.#answer({
      type: "status",
      brokenSamples: more(brokenSamples, before.brokenSamples),
      guardInterventions: more(guardInterventions, before.guardInterventions),
    });
    before.brokenSamples = brokenSamples;
    before.guardInterventions = guardInterventions;
  }

  #orSay(message: ToWorklet, work: () => void): void {
    try {
      work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#answer({ type: "failed", request: requestOf(message), reason });
    }
  }
}
