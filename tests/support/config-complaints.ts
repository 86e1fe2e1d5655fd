/** What the user is told about a config, for the tests of those who tell. */
import { parseOrExplain, TrainConfigSchema, UserError } from "@neural-string/shared";
import { expect } from "vitest";

/** What the user is told about a config file. */
export function complaint(config: unknown): string {
  return sentenceOf(() => parseOrExplain(TrainConfigSchema, config, "pluck.json"));
}

/** The sentence of the UserError that an action throws; fails for any other error. */
export function sentenceOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  return "no complaint";
}
