// esbuild's "file" loader turns an import of a .wasm into its URL; the worklet is copied by build.js.
import * as core from "@neural-string/core-wasm";
import relaxed from "@neural-string/core-wasm/relaxed.wasm";
import scalar from "@neural-string/core-wasm/scalar.wasm";
import simd from "@neural-string/core-wasm/simd.wasm";
import { wire } from "../play.js";

wire(core, { wasm: { scalar, simd, relaxed }, worklet: "worklet.js", model: "model.safetensors" });
