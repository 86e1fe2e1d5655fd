/**
 * The sound of the first page's strings: the model that ships first, at the pitches of the strings, in the instrument's own
 * processor, so that its limiter holds what five strings come to. A string that is plucked again ends what it sounded.
 */
import { readModelFile, StringNode } from "@neural-string/core-wasm";
import { openContext } from "../audio/context.ts";
import { coreBytes, fetchBytes } from "../audio/core-files.ts";
import { pluckShare } from "../instrument/pluck-gesture.ts";
import worklet from "../instrument/processor.ts?worker&url";
import { STAGE_PROCESSOR, type ToStage } from "../instrument/stage-messages.ts";
import { loudness, softCutoff } from "../instrument/voicing.ts";

/** Notes that sound at once: those that were plucked anew are still dying. */
const POLYPHONY = 10;
/** Seconds to fall 60 dB, of a string that is plucked anew. */
const REPLUCKED_T60 = 0.05;
/** How much duller a gentle pluck is than a hard one, 0 .. 1. */
const SOFTNESS = 0.5;

export class StringPlayer {
  readonly #pitches: readonly number[];
  readonly #string: StringNode;
  readonly #node: AudioWorkletNode;
  /** By string: the note it sounds. */
  readonly #notes = new Map<number, number>();
  #lastId = 0;

  /**
   * Start sound, in a gesture.
   * @param model where its file is @param pitches of the strings (Hz)
   * @throws Error with one sentence where the browser has no audio worklet, or a file cannot be had
   */
  static async start(model: string, pitches: readonly number[]): Promise<StringPlayer> {
    const context = openContext({ latencyHint: "interactive" });
    try {
      if (context.audioWorklet === undefined) {
        throw new Error("This browser plays audio worklets on secure pages (https) only");
      }
      const [wasm, bytes] = await Promise.all([
        coreBytes(),
        fetchBytes(model),
        context.audioWorklet.addModule(worklet),
      ]);
      const node = new AudioWorkletNode(context, STAGE_PROCESSOR, {
        numberOfInputs: 0,
        outputChannelCount: [1],
        processorOptions: { wasm },
      });
      node.connect(context.destination);
      const read = readModelFile(new Uint8Array(bytes));
      const options = { wasm, model: read, pitches, polyphony: POLYPHONY, releaseT60: REPLUCKED_T60 };
      const string = new StringNode(node, context.sampleRate, options);
      await string.load(options);
      const levels = read.kind === "passive" ? read.excitations.map(({ level }) => level) : [];
      const tone: ToStage = { type: "tone", gain: loudness(0, Math.max(...levels)), lift: 0 };
      node.port.postMessage(tone);
      return new StringPlayer(node, string, pitches);
    } catch (error) {
      void context.close();
      throw error;
    }
  }

  private constructor(node: AudioWorkletNode, string: StringNode, pitches: readonly number[]) {
    this.#node = node;
    this.#string = string;
    this.#pitches = pitches;
  }

  /** Pluck a string. @param place where along it, 0 .. 1 @param velocity 0 .. 1 */
  pluck(i: number, place: number, velocity: number): void {
    const before = this.#notes.get(i);
    if (before !== undefined) this.#string.noteOff(before);
    const id = ++this.#lastId;
    this.#notes.set(i, id);
    const note: ToStage = {
      type: "noteOn",
      id,
      f0: this.#pitches[i],
      velocity,
      position: pluckShare(place),
      cutoff: softCutoff(velocity, SOFTNESS),
    };
    this.#node.port.postMessage(note);
  }
}
