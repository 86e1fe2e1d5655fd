/** What a model says of itself: size, pitch, where it comes from and under which licence. */
import { html, type Markup } from "@neural-string/trainer/report/markup";
import type { Audition } from "./analyse.ts";

const LICENCES: Record<string, string> = {
  "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
};

/** Fill a definition list. */
export function showCard(list: HTMLElement, { model, judgement }: Audition): void {
  const { name, kind, f0, sampleRate, parameters, provenance } = model;
  const rows: [string, Markup | string][] = [
    ["Model", name],
    ["Kind", kind],
    ["Pitch", `${f0.toFixed(2)} Hz at ${sampleRate} Hz`],
    ["Numbers learned", parameters.toLocaleString("en")],
    ["Compared with", `${judgement.recording}, from sample ${judgement.skip} on`],
    ...(provenance?.recordings ?? []).map(({ name, sha256, licence, attribution }): [string, Markup] => [
      "Learned from",
      html`${name}${attribution && html`, ${attribution}`}${licence && html`, ${licenceLink(licence)}`}<br><code>${sha256.slice(0, 16)}…</code>`,
    ]),
    ...(provenance?.seed === undefined ? [] : [["Seed", `${provenance.seed}`] as [string, string]]),
    ...(provenance?.versions === undefined
      ? []
      : [["Made with", versionsOf(provenance.versions)] as [string, string]]),
  ];
  list.innerHTML =
    html`${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}`.text;
}

function versionsOf(versions: Record<string, string>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function licenceLink(licence: string): Markup {
  const address = Object.hasOwn(LICENCES, licence) ? LICENCES[licence] : undefined;
  return address ? html`<a href="${address}">${licence}</a>` : html`${licence}`;
}
