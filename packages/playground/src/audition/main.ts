/**
 * The audition's page: what is chosen or dropped goes to the worker, what comes back into the page's places. Sections
 * about failures, measures, decay and filters are the trainer's report's own.
 */
import type { Judgement } from "@neural-string/shared";
import { withPeriod } from "@neural-string/shared/sentence";
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

/** What is compared, and what the page calls it. */
interface Comparison {
  request: AuditionRequest;
  /** The id of a model that ships; undefined = somebody's own. */
  id: string | undefined;
  about: string;
}
/** What was asked for last. */
let asked: Comparison | undefined;
/** What is shown, or waits for a recording; a dropped model or recording takes its place. A file that is refused does not. */
let chosen: Comparison | undefined;

async function compare(comparison: Comparison) {
  const { request } = comparison;
  asked = comparison;
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
  if (data.type === "done") {
    progress.textContent = "";
    chosen = asked;
    return show(data.audition);
  }
  if (asked && data.isModel && asked.request.model !== chosen?.request.model) {
    // a model without its recording: what is shown is another's, and the recording may come next
    chosen = { ...asked, request: { ...asked.request, recording: null } };
    result.hidden = true;
    shown = undefined;
    listening.stop();
  }
  complain(data.isOurs ? `This is a defect of ours: ${data.reason}` : data.reason);
};
worker.onerror = () => complain("The part of this page that measures could not be started; reload the page");

function complain(reason: string) {
  progress.textContent = "";
  if (chosen) name(chosen);
  problem.textContent = withPeriod(reason);
  problem.hidden = false;
}

/** Say in list, text and address what is compared: the address is a link to what is heard. */
function name({ id, about: text }: Omit<Comparison, "request">) {
  if (id === undefined) select.selectedIndex = -1;
  else select.value = id;
  about.textContent = text;
  history.replaceState(null, "", id === undefined ? location.pathname : `?model=${id}`);
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
  const ticket = ++lastId;
  name({ id, about: model.text });
  progress.textContent = "Fetching the model…";
  try {
    const bytes = new Uint8Array(await fetchBytes(model.url));
    // another was chosen while this one came
    if (ticket !== lastId) return;
    const request = { model: { name: model.title, bytes }, recording: null, seconds: SECONDS };
    await compare({ id, about: model.text, request });
  } catch (error) {
    if (ticket === lastId) complain((error as Error).message);
  }
}

/** Take files: a model, a recording to compare with, or both. */
async function take(files: Iterable<File>) {
  let { id, about, request } = chosen ?? {};
  let { model, recording } = request ?? {};
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    if (isSound(bytes)) recording = { name: file.name, bytes };
    else {
      model = { name: file.name, bytes };
      [id, about] = [undefined, file.name];
    }
  }
  if (!model) return complain("Open a model, too: there is none to compare this recording with.");
  // a recording that was compared with another model says nothing here, unless it was opened together with this one
  if (model !== request?.model && recording === request?.recording) recording = null;
  const comparison = {
    id,
    about: about ?? "",
    request: { model, recording: recording ?? null, seconds: SECONDS },
  };
  name(comparison);
  await compare(comparison);
}

/** Files that cannot even be read, a folder among them, are told, too. */
function taken(files: Iterable<File>) {
  take(files).catch((error: Error) => complain(error.message));
}

select.addEventListener("change", () => choose(select.value));
find<HTMLInputElement>("#file").addEventListener("change", ({ target }) => {
  const input = target as HTMLInputElement;
  taken([...(input.files ?? [])]);
  input.value = "";
});
takeDropped(find("#drop"), taken);
readCells(result, () => shown);
redrawn(draw);

/** A string that was made on this site, handed over in the browser itself, beside its recording. */
async function takeMade(): Promise<boolean> {
  const made = await kept("handed on");
  if (!made) return false;
  select.selectedIndex = -1;
  about.textContent = made.name;
  const model = { name: made.name, bytes: made.model };
  await compare({
    id: undefined,
    about: made.name,
    request: { model, recording: made.recording, seconds: SECONDS },
  });
  return true;
}

// a link may name a model: audition/?model=piano-a1; or the one that was just made: audition/?made
const query = new URLSearchParams(location.search);
const linked = query.get("model");
if (linked && MODELS.some(({ id }) => id === linked)) select.value = linked;
if (!(query.has("made") && (await takeMade())) && select.value) void choose(select.value);
