/**
 * The part of the page about what was run: settings (those that are not the defaults first), recordings with their
 * hashes, and the environment. With these the run can be repeated.
 */
import type { RunRecord, RunRecording, TrainConfig } from "@neural-string/shared";
import { configDifferences, type Setting, settings } from "./config-differences.ts";
import { breakable, html, type Markup } from "./markup.ts";

/** List the settings. */
export function settingsSection(config: TrainConfig): Markup {
  const differences = configDifferences(config);
  return html`<section id="settings" aria-labelledby="settings-title">
<h2 id="settings-title">Settings</h2>
${differences.length === 0 ? html`<p>Every setting is the default.</p>` : settingsTable(differences, "What differs from the defaults", true)}
<details><summary>All settings, as resolved</summary>${settingsTable(settings(config), "All settings", false)}</details>
</section>`;
}

/** List the recordings that took part. */
export function recordingsSection({ trainedOn, judgedOn }: RunRecord): Markup {
  return html`<section id="recordings" aria-labelledby="recordings-title">
<h2 id="recordings-title">Recordings</h2>
${trainedOn.length + judgedOn.length === 0 && html`<p>None was read.</p>`}
<ul class="recordings">${trainedOn.map((recording) => recordingItem(recording, "trained on"))}${judgedOn.map((recording) => recordingItem(recording, "judged on"))}</ul>
</section>`;
}

/** List what it ran on. */
export function environmentSection(record: RunRecord): Markup {
  const { git, versions, startedAt, finishedAt } = record;
  const rows: [string, string | Markup][] = [
    ["Model", `${record.kind}, f0 ${record.f0.toFixed(2)} Hz at ${record.sampleRate} Hz`],
    ["Updates", `${record.stepsDone} of ${record.steps}`],
    ["Best checkpoint", bestCheckpoint(record)],
    ["Started", moment(startedAt)],
    ["Ended", finishedAt === null ? "–" : `${moment(finishedAt)}${lasted(startedAt, finishedAt)}`],
    ["Seed", String(record.seed)],
    ["Backend", record.backend],
    [
      "Commit",
      git === null
        ? "not under version control"
        : html`<code>${git.commit}</code>${git.dirty && ", with changes that were not committed"}`,
    ],
    ...Object.entries(versions),
  ];
  return html`<section id="environment" aria-labelledby="environment-title">
<h2 id="environment-title">Environment</h2>
<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</section>`;
}

function settingsTable(list: readonly Setting[], caption: string, withDefaults: boolean): Markup {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table class="settings"><caption>${caption}</caption>
<thead><tr><th scope="col">Setting</th><th scope="col">Value</th>${withDefaults && html`<th scope="col">Default</th>`}</tr></thead>
<tbody>${list.map(({ path, value, standard }) => html`<tr><th scope="row"><code>${breakable(path)}</code></th><td><code>${value}</code></td>${withDefaults && html`<td><code>${standard ?? "–"}</code></td>`}</tr>`)}</tbody></table></div>`;
}

function recordingItem(recording: RunRecording, role: string): Markup {
  const { name, source, sha256, sampleRate, f0, seconds, notes } = recording;
  return html`<li><p><strong><bdi>${name}</bdi></strong> <span class="chip none">${role}</span></p>
<p>${f0.toFixed(2)} Hz, ${seconds.toFixed(2)} s at ${sampleRate} Hz</p>
<p class="aside">from <code>${typeof source === "string" ? source : JSON.stringify(source)}</code><br>SHA-256 <code>${sha256}</code></p>
${notes.length > 0 && html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</li>`;
}

function bestCheckpoint({ bestStep, bestScoreDb }: RunRecord): string {
  if (bestStep === null) return "none";
  return bestScoreDb === null
    ? `update ${bestStep}`
    : `update ${bestStep}, score ${bestScoreDb.toFixed(2)} dB`;
}

/** A time stamp without what nobody reads; left alone where it is none. */
function moment(stamp: string): string {
  const time = Date.parse(stamp);
  return Number.isNaN(time) ? stamp : `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function lasted(from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  if (!(seconds >= 0)) return "";
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return minutes === 0 ? `, after ${rest} s` : `, after ${minutes} min ${rest} s`;
}
