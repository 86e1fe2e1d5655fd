/** `pnpm laws`: sweeps that show known laws of training, drawn and told as tables. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "@neural-string/shared";
import { fillMarked } from "../experiments/docs.ts";
import { ensureFolder, writeWhole } from "../files.ts";
import { type Law, lawNames, readLaw } from "../laws/law.ts";
import { lawMarkdown, lawPictures, lawRows, PLOTS_FOLDER } from "../laws/page.ts";
import { endedTrials } from "../laws/points.ts";
import { SWEEPS, SweepFolder } from "../sweep/sweep-folder.ts";
import { line, type Terminal, table } from "../terminal.ts";
import { sweep } from "./sweep.ts";

export interface LawsRequest {
  /** None: all. */
  names: string[];
  minutes?: number;
  workers?: number;
  /** Only what has been trained. */
  show: boolean;
  docs: boolean;
}

const DOCS = fileURLToPath(new URL("../../../../docs", import.meta.url));

/** Train what is missing of some laws, and draw them. @returns the exit code; 130 where the user stopped it */
export async function laws(request: LawsRequest, terminal: Terminal): Promise<number> {
  const chosen = (request.names.length > 0 ? request.names : lawNames()).map((name) =>
    readLaw(name.replace(/^laws\//, "")),
  );
  for (const law of chosen) {
    terminal.say(`\n${law.question}`);
    const code = request.show ? 0 : await trainLaw(law, request, terminal);
    if (code !== 0) return code;
    const trials = endedTrials(folderOf(law.name));
    // the time was up before any trial had ended: that has been said
    if (trials.length === 0 && !request.show) continue;
    show(law, trials, request, terminal);
  }
  return 0;
}

/** The sweep of a law, begun or gone on with. */
function trainLaw(
  { name, file }: Law,
  { minutes, workers }: LawsRequest,
  terminal: Terminal,
): Promise<number> {
  const folder = folderOf(name);
  const isBegun = existsSync(folder.file);
  const nothing = { over: [], set: [], recordings: [], judge: [] };
  const what = isBegun ? { resume: folder.path } : { file, folder: folder.path };
  return sweep({ ...nothing, ...what, minutes, workers }, terminal);
}

function folderOf(name: string): SweepFolder {
  return new SweepFolder(join(SWEEPS, `law-${name}`));
}

function show(
  law: Law,
  trials: ReturnType<typeof endedTrials>,
  { docs }: LawsRequest,
  terminal: Terminal,
): void {
  const folder = folderOf(law.name);
  if (trials.length === 0) {
    throw new UserError(
      `${law.name}: expected trials in ${folder.path}, got none; leave --show out to train them`,
    );
  }
  const pictures = lawPictures(law, trials);
  const into = docs ? join(DOCS, PLOTS_FOLDER) : folder.path;
  ensureFolder(into);
  for (const { file, svg } of pictures) writeWhole(join(into, file), svg);
  terminal.say(`\n${table(lawRows(law, trials))}\n`);
  for (const { file } of pictures) terminal.say(line(join(into, file)));
  terminal.emit({
    type: "law",
    name: law.name,
    rows: lawRows(law, trials),
    pictures: pictures.map(({ file }) => join(into, file)),
  });
  if (!docs) return;
  const page = join(DOCS, "laws.md");
  writeWhole(
    page,
    fillMarked(readFileSync(page, "utf8"), `laws:${law.name}`, lawMarkdown(law, trials, pictures)),
  );
  terminal.say(`${page}: its table is this one now`);
}
