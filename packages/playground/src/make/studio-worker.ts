/** The listening worker of the page: decodes, looks at recordings, lets models sound. Training has a worker of its own. */
import { Core } from "@neural-string/core-wasm";
import { RecipeSchema, UserError } from "@neural-string/shared";
import { encodeWav } from "@neural-string/shared/encode-wav";
import { loadDecoders } from "@neural-string/trainer/audio/compressed";
import { decodeAudio, pickChannel } from "@neural-string/trainer/audio/decode";
import { makeString } from "@neural-string/trainer/recipe";
import { playString } from "@neural-string/trainer/string-player";
import { openModelBytes } from "../audio/open-model.ts";
import { preflight } from "./preflight.ts";
import { stated } from "./statement.ts";
import type { FromStudio, Studio, StudioName, ToStudio } from "./studio-messages.ts";
import type { Sound } from "./take.ts";

const scope = globalThis as unknown as {
  onmessage: ((event: { data: ToStudio }) => void) | null;
  postMessage(message: FromStudio): void;
};

type Answers = {
  [Name in StudioName]: (
    ask: Studio[Name]["ask"],
  ) => Studio[Name]["answer"] | Promise<Studio[Name]["answer"]>;
};

const answers: Answers = {
  warm: async () => {
    await loadDecoders();
    return null;
  },
  decode,
  example,
  hash: ({ bytes }) => sha256(bytes),
  preflight: ({ samples, sampleRate, stretch, f0 }) => preflight(samples, sampleRate, stretch, f0),
  render: ({ wasm, model, f0, seconds }) => {
    const file = openModelBytes(model, "the string");
    const { resonator, model: played } = playString(new Core(wasm), file, f0 ?? undefined);
    resonator.pluck(0);
    const samples = new Float32Array(Math.round(seconds * played.sampleRate));
    resonator.process(samples);
    return { samples, sampleRate: played.sampleRate };
  },
  state: ({ model, statement, sources }) => stated(model, statement, sources),
  open: ({ model, name }) => {
    const { header } = openModelBytes(model, name);
    return { name: header.name ?? name, f0: header.f0, sampleRate: header.sampleRate };
  },
};

scope.onmessage = async ({ data: { job, name, ask } }) => {
  try {
    const answer = await (answers[name] as (ask: unknown) => Studio[StudioName]["answer"])(ask);
    scope.postMessage({ job, answer });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    scope.postMessage({ job, reason, isOurs: !(error instanceof UserError) });
  }
};

async function decode({ name, bytes }: Studio["decode"]["ask"]): Promise<Sound> {
  const decoded = await decodeAudio(bytes, name);
  const { samples, notes } = pickChannel(decoded, name, 0);
  if (decoded.channels.length > 1) notes.push(`the first of its ${decoded.channels.length} channels is used`);
  return {
    name,
    sampleRate: decoded.sampleRate,
    samples: samples.slice(),
    sha256: await sha256(bytes),
    notes,
  };
}

/** Stiff, in two polarisations, plucked a seventh from the bridge; a tenth of a second of silence before. */
async function example({ wasm }: Studio["example"]["ask"]): Promise<Sound> {
  const recipe = RecipeSchema.parse({ generate: "stiff", f0: 146.83, seconds: 6, pluckPosition: 1 / 7 });
  const { sampleRate } = recipe;
  const made = makeString(new Core(wasm), recipe);
  const samples = new Float32Array(made.length + Math.round(0.1 * sampleRate));
  samples.set(made, samples.length - made.length);
  const hash = await sha256(encodeWav(samples, sampleRate));
  return { name: "computed string", sampleRate, samples, sha256: hash, notes: ["it comes from a formula"] };
}

/** Browsers hash on secure pages only. */
async function sha256(bytes: Uint8Array): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
