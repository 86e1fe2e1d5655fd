/** What a model carries of where it comes from, and what it is called where nobody has named it. Free of node. */
import type { ModelHeader, RecordingSource, TrainConfig } from "@neural-string/shared";

/** What a model says of a recording that it was trained on. */
export interface CreditedRecording {
  name: string;
  sha256: string;
  licence?: string;
  attribution?: string;
}

/** Add where a model comes from. @param versions of what trained it, by name */
export function withProvenance<Header extends ModelHeader>(
  header: Header,
  config: TrainConfig,
  recordings: readonly CreditedRecording[],
  versions: Record<string, string>,
): Header {
  return {
    ...header,
    provenance: {
      recordings: recordings.map(({ name, sha256, licence, attribution }) => ({
        name,
        sha256,
        ...(licence && { licence }),
        ...(attribution && { attribution }),
      })),
      seed: config.training.seed,
      config: withoutFolders(config),
      versions,
    },
  };
}

/** The config as a model may carry it into the world: files by their names, not by whose folders they lay in. */
function withoutFolders(config: TrainConfig): TrainConfig {
  const name = (source: RecordingSource) =>
    typeof source === "string" && !source.startsWith("npm:") ? source.replace(/^.*[\\/](?=.)/, "") : source;
  return {
    ...config,
    recordings: config.recordings.map(name),
    judge: { ...config.judge, recordings: config.judge.recordings.map(name) },
  };
}

/** A name from the recordings' names. @param otherwise where those leave nothing */
export function defaultName(recordings: readonly { name: string }[], otherwise: string): string {
  const first = recordings[0].name.replace(/\.[^.]+$/, "");
  const more = recordings.length > 1 ? ` and ${recordings.length - 1} more` : "";
  return `${first.replaceAll(/[^\w. -]+/g, "-").slice(0, 48)}${more}` || otherwise;
}
