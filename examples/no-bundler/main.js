// The package as it was installed: plain modules, files where they are, the worklet beside the module that loads it.

import { wire } from "../play.js";
import * as core from "./node_modules/@neural-string/core-wasm/dist/index.js";

const build = (name) => `./node_modules/@neural-string/core-wasm/build/${name}.wasm`;

wire(core, {
  wasm: { scalar: build("scalar"), simd: build("simd"), relaxed: build("relaxed") },
  model: "model.safetensors",
});
