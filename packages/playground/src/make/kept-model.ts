/**
 * What there is of a training at any moment: where it stands, and the best so far, as something to go on from and as a
 * model file beside its recording.
 */
import type { Core } from "@neural-string/core-wasm";
import { type PassiveTrainConfig, writeModelFile } from "@neural-string/shared";
import type { PreparedPassive } from "@neural-string/trainer/core/passive/prepare";
import { withProvenance } from "@neural-string/trainer/core/provenance";
import { encodeResumption, type Resumption } from "@neural-string/trainer/core/resumption";
import type { TrainingState } from "@neural-string/trainer/core/training";
import { heardModel } from "./heard-model.ts";
import type { SourcedNote } from "./learned-notes.ts";
import type { TrainedModel } from "./training-messages.ts";

/** What a model is exported with. */
export interface ExportFacts {
  core: Core;
  prepared: PreparedPassive;
  /** As it was resolved, with its steps. */
  config: PassiveTrainConfig;
  notes: readonly SourcedNote[];
  /** Of what trains, by name. */
  versions: Record<string, string>;
}

export class KeptModel {
  readonly #facts: ExportFacts;
  readonly #origin: Pick<Resumption, "recordings" | "options">;
  #last: TrainingState | null;
  #best: TrainingState | null;

  constructor(
    facts: ExportFacts,
    origin: Pick<Resumption, "recordings" | "options">,
    kept: Resumption | null,
  ) {
    this.#facts = facts;
    this.#origin = origin;
    this.#last = kept?.last ?? null;
    this.#best = kept?.best ?? null;
  }

  keep(state: TrainingState, isBest: boolean): void {
    this.#last = state;
    if (isBest) this.#best = state;
  }

  /** The best so far. @throws Error before the first */
  get best(): TrainingState {
    if (this.#best === null) throw new Error("training: nothing has been heard yet");
    return this.#best;
  }

  resumption(): ArrayBuffer {
    const { best } = this;
    return encodeResumption({ ...this.#origin, best, last: this.#last ?? best });
  }

  /** The best as a model file, and how it sounds. */
  exported(): TrainedModel {
    const { core, prepared, config, notes, versions } = this.#facts;
    const { parameters, step } = this.best;
    const { header, tensors } = prepared.exported(parameters);
    const file = { header: withProvenance(header, config, notes, versions), tensors };
    return { step, model: writeModelFile(file).buffer, ...heardModel(core, file, notes[0]) };
  }
}

/** The buffers of an exported model that may be handed over instead of copied. */
export function buffersOf({ model, sounds }: TrainedModel): ArrayBuffer[] {
  return [
    model,
    ...(sounds ? [sounds.target, sounds.render].map(({ buffer }) => buffer as ArrayBuffer) : []),
  ];
}
