/**
 * The page on which strings are made: puts recordings, training, the string and what becomes of it together, keeps it all in
 * this browser, and loads everything ahead, so that nothing is fetched once somebody begins.
 */
import { withPeriod } from "@neural-string/shared/sentence";
import { coreBytes } from "../audio/core-files.ts";
import { takeDropped } from "../dropped-files.ts";
import captureWorklet from "./capture-processor.ts?worker&url";
import { keep, kept } from "./keep.ts";
import { KeepView, type StringAtHand } from "./keep-view.ts";
import { unpackModel } from "./link.ts";
import { MicrophoneView } from "./microphone-view.ts";
import { Speaker } from "./speaker.ts";
import { StringView } from "./string-view.ts";
import { StudioClient } from "./studio.ts";
import { Takes } from "./takes.ts";
import { Training } from "./training.ts";
import type { TrainingOptions } from "./training-messages.ts";
import { TrainingView } from "./training-view.ts";
import { Turn } from "./turn.ts";

/** Milliseconds to wait for the service worker: then what is loaded ahead comes from what it keeps. */
const OFFLINE_MS = 4000;
/** More than a night of them. */
const MOST_STEPS = 100_000;
const ELSEWHERE =
  "A string is being learned in another tab of this page. Stop it there or let it end, then go on here";

const find = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;
const problem = find("#problem");
const steps = find<HTMLSelectElement>("#steps");
const seed = find<HTMLInputElement>("#seed");

const turn = new Turn();
const studio = new StudioClient();
const speaker = new Speaker();
const training = new Training(
  () => new Worker(new URL("./training-worker.ts", import.meta.url), { type: "module" }),
);
const trainingView = new TrainingView(training, speaker);
const takes = new Takes(find("#takes"), { studio, speaker, onChange: show, onProblem: complain });
const string = new StringView({
  speaker,
  render: async (f0, seconds) => {
    const { model } = atHand() as StringAtHand;
    return studio.ask("render", { wasm: await coreBytes(), model, f0, seconds });
  },
  onProblem: complain,
});
const keepView = new KeepView({
  studio,
  string: atHand,
  recording: () => takes.first,
  onStatement: keepChoices,
  onProblem: complain,
});
/** A string that came with a link, until one is trained. */
let linked: Uint8Array | null = null;
/** Counts the strings that were shown, so that only the last one is. */
let lastTurn = 0;
/** What the string at hand was made from: the recordings on the page may be others by now. */
let sources: StringAtHand["sources"] = [];
let isBeginning = false;

function atHand(): StringAtHand | null {
  if (training.best) return { model: new Uint8Array(training.best.model), sources };
  return linked && { model: linked, sources: null };
}

function complain(sentence: string): void {
  problem.textContent = withPeriod(sentence);
  problem.hidden = false;
  problem.scrollIntoView({ block: "nearest" });
}

function show(): void {
  trainingView.show(takes.areUsable);
  keepView.show();
}

async function begin(): Promise<void> {
  problem.hidden = true;
  // a second click, while the first one waits
  if (isBeginning) return;
  isBeginning = true;
  try {
    if (await turn.take()) await train();
    else complain(ELSEWHERE);
  } finally {
    isBeginning = false;
    if (!training.isActive) turn.giveBack();
  }
}

async function train(): Promise<void> {
  const goesOn = training.isUnfinished ? await kept("training") : undefined;
  if (goesOn) {
    // another tab may have come further since this one was opened
    const latest = await kept("progress");
    if (latest) training.restore(latest);
    if (!training.isUnfinished) return;
    await training.start(goesOn.recordings, goesOn.options, training.resumption);
    return;
  }
  hideString();
  const options: TrainingOptions = { steps: Number(steps.value), seed: Number(seed.value) };
  const recordings = takes.recordings();
  sources = takes.sources;
  const name = find<HTMLInputElement>("#name");
  name.value ||= recordings[0].name.replace(/\.[^.]{1,5}$/, "");
  keepChoices();
  await keep("training", { recordings, options });
  await training.start(recordings, options);
}

function keepChoices(): void {
  void keep("choices", {
    steps: Number(steps.value),
    seed: Number(seed.value),
    statement: keepView.statement,
  });
}

training.onChange = (what) => {
  if (what === "state") void keep("progress", training.toKeep());
  if (what === "string" && training.best) void showString(new Uint8Array(training.best.model));
  if (!training.isActive && !isBeginning) turn.giveBack();
  show();
};

async function showString(model: Uint8Array): Promise<void> {
  const turn = ++lastTurn;
  keepView.forgetLink();
  const { f0 } = await studio.ask("open", { model, name: "the string" });
  // another one may have come meanwhile, or this one gone
  if (turn !== lastTurn) return;
  const hint =
    "Pluck it, or press A to K. At its own pitch it is exactly what training made; at others it is retuned.";
  string.show(f0, hint);
}

/** Until the first checkpoint of another training there is none. */
function hideString(): void {
  lastTurn++;
  linked = null;
  string.show(null, "");
  find("#welcome").hidden = true;
  if (location.hash) history.replaceState(null, "", location.pathname);
}

/** A link may say how many steps: make/?steps=100. */
function offerAskedSteps(): void {
  const asked = Number(new URLSearchParams(location.search).get("steps"));
  if (!Number.isInteger(asked) || asked < 1 || asked > MOST_STEPS) return;
  if (![...steps.options].some(({ value }) => value === `${asked}`)) {
    steps.append(new Option(`${asked} steps, as the link says`, `${asked}`));
  }
  steps.value = `${asked}`;
}

/** What was here when the page was left; and a string that came with a link. */
async function restore(): Promise<void> {
  const [keptTakes, choices, begun, progress] = await Promise.all([
    kept("takes"),
    kept("choices"),
    kept("training"),
    kept("progress"),
  ]);
  if (choices) {
    steps.value = String(choices.steps);
    if (steps.selectedIndex < 0) steps.value = "600";
    seed.value = String(choices.seed);
    keepView.statement = choices.statement;
  }
  offerAskedSteps();
  if (begun) {
    sources = begun.recordings.map(({ name, sha256 }) => ({ name, sha256: sha256 ?? null }));
  }
  if (progress) training.restore(progress);
  await takes.restore(keptTakes ?? []);
  await openLink();
  // it goes on by itself where it was going on
  if (progress?.status === "running" && begun && training.isUnfinished) await begin();
}

async function openLink(): Promise<void> {
  try {
    const bytes = await unpackModel(location.hash);
    if (bytes === null) return;
    const { name } = await studio.ask("open", { model: bytes, name: "the string in this link" });
    if (training.isActive || training.best) {
      complain(
        "This link carries a string, and another one is being made here. Open the link in a private window, or forget what is here first",
      );
      return;
    }
    linked = bytes;
    find("#welcome").textContent =
      `Somebody sent you a string: ${name}. Pluck it below, play it in the instrument, or make one of your own.`;
    find("#welcome").hidden = false;
    find<HTMLInputElement>("#name").value = name;
    await showString(bytes);
    show();
  } catch (error) {
    complain((error as Error).message);
  }
}

async function forget(): Promise<void> {
  // what is here may be what another tab is learning
  if (!(await turn.take())) return complain(ELSEWHERE);
  training.reset();
  hideString();
  takes.removeAll();
  keepView.statement = { name: "", licence: "", attribution: "" };
  for (const key of ["takes", "choices", "training", "progress", "handed on"] as const)
    await keep(key, undefined);
  problem.hidden = true;
  show();
}

/** Load all that may be needed, once the page itself is there. */
async function loadAhead(): Promise<void> {
  const isKept = navigator.serviceWorker?.ready ?? Promise.resolve();
  await Promise.race([isKept, new Promise((resolve) => setTimeout(resolve, OFFLINE_MS))]);
  // without a network there are those decoders that were kept when they were first asked for
  const decoders = navigator.onLine ? studio.ask("warm", {}) : Promise.resolve(null);
  await Promise.all([coreBytes(), decoders, training.warm()]);
  find("#train").dataset.loaded = "";
}

async function read(files: Iterable<File>): Promise<void> {
  problem.hidden = true;
  find("#reading").textContent = "Reading…";
  await takes.takeFiles(files);
  find("#reading").textContent = "";
}

find("#microphone").append(
  new MicrophoneView({
    worklet: captureWorklet,
    onRecorded: (samples, sampleRate) => void takes.takeRecorded(samples, sampleRate),
    onProblem: complain,
  }).element,
);
find("#string").append(string.element);
find<HTMLInputElement>("#files").addEventListener("change", ({ target }) => {
  const input = target as HTMLInputElement;
  void read([...(input.files ?? [])]).then(() => {
    input.value = "";
  });
});
find("#example").addEventListener("click", () => {
  takes.takeExample().catch((error: Error) => complain(error.message));
});
find("#start").addEventListener("click", () => {
  begin().catch((error: Error) => complain(error.message));
});
find("#forget").addEventListener("click", () => void forget());
for (const control of [steps, seed]) control.addEventListener("change", keepChoices);
takeDropped(find("#drop"), (files) => void read(files));
new MutationObserver(() => takes.draw()).observe(document.documentElement, {
  attributeFilter: ["data-theme"],
});

show();
void restore();
// what cannot be had now is asked for again when it is needed, and missed then
const load = () => void loadAhead().catch(() => undefined);
if (document.readyState === "complete") load();
else addEventListener("load", load);
