// Settings that do nothing for the kind of string that was asked for are said aloud, and no others.
import { resolveConfig } from "@neural-string/trainer/config";
import { idleSettings } from "@neural-string/trainer/idle-settings";
import { describe, expect, test } from "vitest";

const idle = (...set: string[]) => idleSettings(resolveConfig({ recordings: ["a.wav"], set }));
const LINEAR = "model.filters=1";

describe("idleSettings", () => {
  test("defaults are not spoken of, whatever the string", () => {
    for (const kind of [[], [LINEAR], ["model.kind=classic"]]) expect(idle(...kind)).toEqual([]);
  });

  test("what only the other kind reads", () => {
    expect(idle("training.batchSize=3")).toEqual([
      "training.batchSize: a passive string does not use it; set model.kind=classic, or leave it out",
    ]);
    expect(idle("model.kind=classic", "training.sequence.phaseRate=1", "training.batchSize=3")).toEqual([
      "training.sequence.phaseRate: a classic string does not use it; set model.kind=passive, or leave it out",
    ]);
  });

  test.each([
    "model.hidden=8",
    "model.hop=64",
    "model.hearsChange=true",
    "model.pitchControl=true",
    "training.sequence.networkRate=0.1",
    "training.sequence.networkDecay=0.2",
    "training.sequence.mixtureSlowdown=0.5",
  ])("what only a mixture's network reads: %s", (setting) => {
    expect(idle(setting)).toEqual([]);
    const [path] = setting.split("=");
    expect(idle(LINEAR, setting)).toEqual([
      `${path}: a linear string (model.filters=1) does not use it; set model.filters above 1, or leave it out`,
    ]);
  });

  test("a linear string uses the rest", () => {
    expect(idle(LINEAR, "model.taps=64", "training.sequence.phaseRate=0.1", "selection.seconds=1")).toEqual(
      [],
    );
  });
});
