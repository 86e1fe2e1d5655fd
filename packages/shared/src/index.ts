/** The door of the contract package: re-exports only. */
export * from "./common-header.ts";
export { describeValue } from "./describe-value.ts";
export * from "./metrics.ts";
export * from "./model.ts";
export * from "./model-file.ts";
export * from "./parse.ts";
export * from "./passive-config.ts";
export * from "./passive-model.ts";
export * from "./run-record.ts";
export * from "./safetensors.ts";
export { schemaAt } from "./schema-walk.ts";
export * from "./tap-pattern.ts";
export * from "./train-config.ts";
export * from "./user-error.ts";
export * from "./weight-layout.ts";
export * from "./worklet-messages.ts";
