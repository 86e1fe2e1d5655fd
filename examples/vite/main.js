// Vite hashes and copies what is asked for as a URL.
import * as core from "@neural-string/core-wasm";
import relaxed from "@neural-string/core-wasm/relaxed.wasm?url";
import scalar from "@neural-string/core-wasm/scalar.wasm?url";
import simd from "@neural-string/core-wasm/simd.wasm?url";
import worklet from "@neural-string/core-wasm/worklet?url";
import { wire } from "../play.js";

wire(core, { wasm: { scalar, simd, relaxed }, worklet, model: "model.safetensors" });
