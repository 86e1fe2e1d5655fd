/** What `pnpm inspect` says of a passive string: its filters, their certificate, how long each partial rings. */
import { longestT60 } from "@neural-string/core-wasm";
import { longestPassiveDelay, MIXTURE_METERS, wholePeriod } from "@neural-string/shared";
import { type PassiveFile, requireCertificate } from "../passive-file.ts";
import { gainAt } from "../report/loop-filters.ts";
import { short, table } from "../terminal.ts";

const PARTIALS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];

/** How long a partial rings in each filter's loop, were the loop that filter's alone. */
export interface PartialDecay {
  partial: number;
  /** Hz, n f0 sqrt(1 + B n^2). */
  frequency: number;
  /** [1 + K], gain per round trip; the second loop's filter first. */
  gains: number[];
  /** [1 + K], s. */
  t60: number[];
}

/** The facts of a passive model, as `--json` gives them beside its header. */
export interface PassiveFacts {
  /** Learned numbers: spectra, the mixture's weights and what couples parallel loops. */
  parameters: number;
  /** Samples. */
  longestDelay: number;
  certificate: { claimed: number; gain: number; longestT60: number };
  partials: PartialDecay[];
}

/** Find the facts. @param where the file's name @throws UserError where the model breaks its certificate */
export function passiveFacts(file: PassiveFile, where: string): PassiveFacts {
  const { header, tensors } = file;
  const gain = requireCertificate(file, where);
  const claimed = header.certificate.gain;
  const learned = [...tensors].filter(([name]) =>
    /^(filters\.(logDamping|phase|coupling)|mixture\.)/.test(name),
  );
  return {
    parameters: learned.reduce((sum, [, { data }]) => sum + data.length, 0),
    longestDelay: longestPassiveDelay(header),
    certificate: { claimed, gain, longestT60: longestT60(claimed, header.f0) },
    partials: partialDecays(file),
  };
}

function partialDecays({ header, tensors }: PassiveFile): PartialDecay[] {
  const { f0, sampleRate, taps, inharmonicity = 0 } = header;
  const all = tensors.get("filters.taps")?.data ?? new Float32Array(0);
  return PARTIALS.map((partial) => ({
    partial,
    frequency: partial * f0 * Math.sqrt(1 + inharmonicity * partial ** 2),
  }))
    .filter(({ frequency }) => frequency < sampleRate / 2)
    .map(({ partial, frequency }) => {
      const w = (2 * Math.PI * frequency) / sampleRate;
      const gains = Array.from({ length: 1 + header.filters }, (_, row) =>
        gainAt(all.subarray(row * taps, (row + 1) * taps), w),
      );
      return { partial, frequency, gains, t60: gains.map((gain) => longestT60(gain, f0)) };
    });
}

/** Lines for a person. @param where the file's name */
export function describePassive({ header }: PassiveFile, facts: PassiveFacts, where: string): string {
  const { name, schema, sampleRate, f0, taps, ahead, filters, mixture, controls, inharmonicity } = header;
  const { parameters, longestDelay, certificate } = facts;
  const { fromY, fromU } = header.certificate.growth;
  const network =
    mixture === null
      ? "none: one filter"
      : `${MIXTURE_METERS + controls} > ${mixture.hidden} tanh > ${filters}, every ${mixture.hop} samples (${short((1000 * mixture.hop) / sampleRate)} ms)`;
  const stretch = inharmonicity === undefined ? "" : `, B ${inharmonicity.toExponential(1)}`;
  const planes = "  loops     parallel: the pluck drives the first, and the second through a coupling filter";
  return [
    `${where}: a passive string${name ? ` ${JSON.stringify(name)}` : ""}, schema ${schema}`,
    `  pitch     f0 ${f0.toFixed(2)} Hz at ${sampleRate} Hz, period ${(sampleRate / f0).toFixed(2)} samples${stretch}`,
    `  filters   ${filters} in the first loop, 1 in the second; ${taps} taps, ${ahead} ahead of the period: ${wholePeriod(header) - ahead}-${longestDelay} samples ago`,
    ...(header.parallel ? [planes] : []),
    `  mixture   ${network}; ${parameters} parameters in all`,
    `  controls  ${controls}`,
    `  gain      at most ${certificate.claimed} claimed, ${certificate.gain.toFixed(7)} recomputed: holds; no T60 above ${short(certificate.longestT60)} s at f0`,
    `  bound     |y| <= ${short(fromY)} sqrt(Ey) + ${short(fromU)} sqrt(Eu), E the energy of the last ${longestDelay} samples`,
    ...indented(decayTable(facts.partials, filters)),
    ...(header.excitations.length === 0
      ? ["  excitations none"]
      : indented(excitationTable(header.excitations, sampleRate))),
  ].join("\n");
}

function decayTable(partials: readonly PartialDecay[], filters: number): string {
  const names = Array.from({ length: filters }, (_, k) => (filters === 1 ? "first loop" : `filter ${k + 1}`));
  const head = ["partial", "Hz", ...names.map((name) => `T60 ${name}`), "T60 second loop"];
  const rows = partials.map(({ partial, frequency, t60: [second, ...first] }) => [
    `${partial}`,
    frequency.toFixed(1),
    ...[...first, second].map((seconds) => `${short(seconds)} s`),
  ]);
  return table([head, ...rows]);
}

function excitationTable(excitations: PassiveFile["header"]["excitations"], sampleRate: number): string {
  const rows = excitations.map(({ name, f0, level, samples, controls = [] }) => [
    JSON.stringify(name),
    `${((1000 * samples) / sampleRate).toFixed(1)} ms`,
    `${level.toFixed(1)} dB`,
    `${f0.toFixed(2)} Hz`,
    controls.map(short).join(", ") || "-",
  ]);
  return table([["excitation", "length", "level", "f0", "controls"], ...rows]);
}

function indented(text: string): string[] {
  return text.split("\n").map((line) => `  ${line}`);
}
