/**
 * Which of the three builds this machine can run. A module that uses one unknown instruction is refused as a whole,
 * so the choice has to be made before loading: by asking the engine to validate two tiny modules.
 */

/** The builds, fastest first. They sound alike; only `relaxed` may differ from the others in the last bits. */
export const BUILDS = ["relaxed", "simd", "scalar"] as const;
export type Build = (typeof BUILDS)[number];

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
];

// (module (func (result v128) three times (i32.const 0 i8x16.splat), f32x4.relaxed_madd))
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 65, 0, 253, 15, 253, 133, 2, 11,
];

/**
 * List the builds this engine accepts, fastest first; `scalar` is always among them.
 * Works in Node, browsers and workers.
 */
export function supportedBuilds(): Build[] {
  return BUILDS.filter(
    (build) =>
      build === "scalar" ||
      WebAssembly.validate(new Uint8Array(build === "simd" ? SIMD_PROBE : RELAXED_PROBE)),
  );
}

/** Name the fastest build this engine accepts. */
export function bestBuild(): Build {
  return supportedBuilds()[0];
}
