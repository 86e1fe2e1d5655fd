/** ONNX Runtime, in WebAssembly and native: one thread, all graph optimisations, a block of windows at once. */
import { type Contestant, consume } from "../contestant.ts";
import { loadPeer } from "../peers.ts";
import { BLOCK, type NetworkBlock } from "./network-block.ts";
import { encodeOnnx } from "./onnx-file.ts";

/** What is used of onnxruntime-common. */
interface OnnxRuntime {
  env: { wasm: { numThreads?: number } };
  Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => object;
  InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{
      run(feeds: Record<string, object>): Promise<Record<string, { data: Float32Array }>>;
      release(): Promise<void>;
    }>;
  };
}

const PROVIDERS = { "onnxruntime-web": "wasm", "onnxruntime-node": "cpu" } as const;

/** Make it ready. @throws Absent where the package is not installed or does not load */
export async function onnxNetwork(
  name: keyof typeof PROVIDERS,
  { model, windows }: NetworkBlock,
): Promise<Contestant> {
  const { env, Tensor, InferenceSession } = await loadPeer<OnnxRuntime>(name);
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(await encodeOnnx(model, BLOCK), {
    executionProviders: [PROVIDERS[name]],
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: "sequential" },
    graphOptimizationLevel: "all",
  });
  const feeds = { x: new Tensor("float32", windows, [BLOCK, model.delays.length]) };
  const predict = async () => (await session.run(feeds)).y.data;
  return {
    samples: BLOCK,
    run: async () => consume((await predict())[BLOCK - 1]),
    prove: predict,
    dispose: () => void session.release(),
  };
}
