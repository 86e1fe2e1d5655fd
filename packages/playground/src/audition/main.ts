/**
 * The audition's page: what is chosen or dropped goes to the worker, what comes back into the page's places. Sections
 * about failures, measures, decay and filters are the trainer's report's own.
 */
import type { Judgement } from "@neural-string/shared";
import { judgementVerdict } from "@neural-string/trainer/report/verdict";
import { coreBytes, fetchBytes } from "../audio/core-files.ts";
import { takeDropped } from "../dropped-files.ts";
import { kept } from "../make/keep.ts";
import { MODELS } from "../models.ts";
import { at } from "../paths.ts";
import { drawPictures, readCells, redrawn } from "../plots/report-plots.ts";
import { isSound } from "../sound-file.ts";
import type { Audition, AuditionRequest } from "./analyse.ts";
import { showCard } from "./card.ts";
import { Listening } from "./listening.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { drawSurface } from "./surface.ts";

/** Seconds that are rendered and compared, as in training. */
const SECONDS = 5;

const find = <T extends HTMLElement>(selector: string) => document.querySelector(selector) as T;
const select = find<HTMLSelectElement>("#model");
const about = find("#about");
const progress = find("#progress");
const problem = find("#problem");
const result = find("#result");

const listening = new Listening();
const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
let shown: Audition | undefined;
let lastId = 0;
/** What is compared now; a dropped model or recording takes its place. */
let chosen: AuditionRequest | undefined;

async function compare(request: AuditionRequest) {
  chosen = request;
  const id = ++lastId;
  problem.hidden = true;
  progress.textContent = "Rendering and measuring…";
  result.setAttribute("aria-busy", "true");
  const message: ToWorker = {
    id,
    wasm: await coreBytes(),
    recordings: new URL(at("recordings/"), location.href).href,
    request,
  };
  worker.postMessage(message);
}

worker.onmessage = ({ data }: { data: FromWorker }) => {
  if (data.id !== lastId) return;
  result.removeAttribute("aria-busy");
  progress.textContent = "";
  if (data.type === "done") show(data.audition);
  else complain(data.isOurs ? `This is a defect of ours: ${data.reason}` : data.reason);
};
worker.onerror = () => complain("The part of this page that measures could not be started; reload the page");

function complain(reason: string) {
  progress.textContent = "";
  problem.textContent = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  problem.hidden = false;
}

function show(audition: Audition) {
  shown = audition;
  const { judgement, sections, sounds, sampleRate } = audition;
  result.hidden = false;
  sayVerdict(judgement);
  // made by the report's code from escaped text
  find("#failures-place").innerHTML = judgement.failures.length > 0 ? sections.failures : "";
  find("#measures-place").innerHTML = sections.measures;
  find("#pictures-place").innerHTML = sections.pictures;
  find("#filters-place").innerHTML = sections.filters ?? "";
  showCard(find("#card"), audition);
  listening.load(sounds, sampleRate);
  draw();
}

function sayVerdict(judgement: Judgement) {
  const { tone, sentence } = judgementVerdict(judgement);
  const place = find("#verdict");
  place.className = `verdict ${tone}`;
  place.textContent = sentence;
}

function draw() {
  if (!shown) return;
  drawPictures(result, shown);
  for (const canvas of result.querySelectorAll<HTMLCanvasElement>("[data-surface]")) {
    const map = shown.heats[canvas.dataset.surface as string];
    if (map) drawSurface(canvas, map);
  }
  listening.draw();
}

/** Load a model that ships. */
async function choose(id: string) {
  const model = MODELS.find((model) => model.id === id);
  if (!model) return;
  about.textContent = model.text;
  // the address is a link to what is heard
  history.replaceState(null, "", `?model=${id}`);
  progress.textContent = "Fetching the model…";
  try {
    const bytes = new Uint8Array(await fetchBytes(model.url));
    await compare({ model: { name: model.title, bytes }, recording: null, seconds: SECONDS });
  } catch (error) {
    complain((error as Error).message);
  }
}

/** Take files: a model, a recording to compare with, or both. */
async function take(files: Iterable<File>) {
  let { model, recording } = chosen ?? {};
  let isOwnModel = false;
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isSound(bytes)) recording = { name: file.name, bytes };
    else {
      model = { name: file.name, bytes };
      isOwnModel = true;
    }
  }
  if (!model) return complain("Open a model, too: there is none to compare this recording with.");
  if (isOwnModel) {
    select.selectedIndex = -1;
    history.replaceState(null, "", location.pathname);
    about.textContent = model.name;
    // a recording that was compared with another model says nothing here, unless it was opened together with this one
    if (recording === chosen?.recording) recording = null;
  }
  await compare({ model, recording: recording ?? null, seconds: SECONDS });
}

select.addEventListener("change", () => choose(select.value));
find<HTMLInputElement>("#file").addEventListener("change", ({ target }) => {
  const input = target as HTMLInputElement;
  void take([...(input.files ?? [])]);
  input.value = "";
});
takeDropped(find("#drop"), (files) => void take(files));
readCells(result, () => shown);
redrawn(draw);

/** A string that was made on this site, handed over in the browser itself, beside its recording. */
async function takeMade(): Promise<boolean> {
  const made = await kept("handed on");
  if (!made) return false;
  select.selectedIndex = -1;
  about.textContent = made.name;
  await compare({
    model: { name: made.name, bytes: made.model },
    recording: made.recording,
    seconds: SECONDS,
  });
  return true;
}

// a link may name a model: audition/?model=piano-a1; or the one that was just made: audition/?made
const query = new URLSearchParams(location.search);
const asked = query.get("model");
if (asked && MODELS.some(({ id }) => id === asked)) select.value = asked;
if (!(query.has("made") && (await takeMade())) && select.value) void choose(select.value);
