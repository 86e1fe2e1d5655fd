/** From what a page hands over to notes that can be learned from: as `pnpm train` reads its files, by the same code. */

import type { LearnedNote } from "@neural-string/trainer/core/passive/prepare";
import type { CreditedRecording } from "@neural-string/trainer/core/provenance";
import { analyseNote } from "@neural-string/trainer/note/analyse-note";
import { NO_HASH } from "./take.ts";
import type { TrainingRecording } from "./training-messages.ts";

/** A note, and what the model says of where it came from. */
export type SourcedNote = LearnedNote & CreditedRecording;

/**
 * Check, crop and analyse recordings.
 * @throws UserError, naming the recording, for every reason not to use it
 */
export async function learnedNotes(recordings: readonly TrainingRecording[]): Promise<SourcedNote[]> {
  const rate = recordings[0]?.sampleRate;
  return Promise.all(
    recordings.map(async ({ samples, sampleRate, name, onset, f0, licence, attribution, ...known }) => {
      const { header, samples: decay } = analyseNote(samples, sampleRate, name, {
        crop: "decay",
        sampleRate: rate,
        onset,
        f0,
      });
      return {
        name,
        samples: decay,
        sampleRate: header.sampleRate,
        f0: header.f0,
        inharmonicity: header.inharmonicity ?? known.inharmonicity,
        sha256: known.sha256 ?? (await hashOf(samples)),
        licence,
        attribution,
      };
    }),
  );
}

/** SHA-256 of samples as they lie in memory. Browsers hash on secure pages only. */
async function hashOf(samples: Float32Array<ArrayBuffer>): Promise<string> {
  if (!globalThis.crypto?.subtle) return NO_HASH;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", samples));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
