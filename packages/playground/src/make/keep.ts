/**
 * What the page keeps in this browser (IndexedDB), so that leaving it loses nothing: recordings, choices, the training
 * and how far it came; and a model on its way to another page of the site. A browser that keeps nothing is no error.
 */
import { type IDBPDatabase, openDB } from "idb";
import type { Statement } from "./statement.ts";
import type { Take } from "./take.ts";
import type { KeptProgress } from "./training.ts";
import type { TrainingOptions, TrainingRecording } from "./training-messages.ts";

/** A model handed to another page, and a recording to compare it with. */
export interface HandedOn {
  name: string;
  model: Uint8Array<ArrayBuffer>;
  /** A WAV of it, and the hash by which the model knows it. */
  recording: { name: string; bytes: Uint8Array<ArrayBuffer>; sha256: string } | null;
}

/** By the key under which it is kept. */
export interface Kept {
  takes: Take[];
  choices: { steps: number; seed: number; statement: Statement };
  /** What the training at hand began with. */
  training: { recordings: TrainingRecording[]; options: TrainingOptions };
  progress: KeptProgress;
  "handed on": HandedOn;
}

const NAME = "neural-string";
const STORE = "kept";

let opened: Promise<IDBPDatabase | undefined> | undefined;

function database(): Promise<IDBPDatabase | undefined> {
  opened ??= openDB(NAME, 1, { upgrade: (db) => void db.createObjectStore(STORE) }).catch(() => undefined);
  return opened;
}

/** @returns undefined where nothing is kept */
export async function kept<Key extends keyof Kept>(key: Key): Promise<Kept[Key] | undefined> {
  const db = await database();
  return db?.get(STORE, key).catch(() => undefined);
}

/** Keep; undefined = no longer. @returns whether this browser keeps it */
export async function keep<Key extends keyof Kept>(key: Key, value: Kept[Key] | undefined): Promise<boolean> {
  const db = await database();
  if (db === undefined) return false;
  try {
    if (value === undefined) await db.delete(STORE, key);
    else await db.put(STORE, value, key);
    return true;
  } catch {
    // a full disk, a private window
    return false;
  }
}
