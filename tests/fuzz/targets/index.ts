/** All fuzz targets, by name. */
import type { Target } from "../target.ts";
import { commandLines } from "./arguments.ts";
import { audioFiles, compressedFiles } from "./audio-files.ts";
import { children } from "./children.ts";
import { configs } from "./configs.ts";
import { modelFiles } from "./model-files.ts";
import { workletMessages } from "./worklet-messages.ts";

const all = [modelFiles, audioFiles, compressedFiles, configs, workletMessages, commandLines, children];

export const TARGETS = all as Target<unknown>[];
