/**
 * One instance of the WASM core: its exported functions and its memory. Everything else in this package is a thin
 * typed wrapper around it. Takes the module's bytes, never a path or URL, because an audio worklet can fetch nothing.
 */

/** The exported functions; pointers are byte addresses in `memory`. Described in `assembly/`. */
export interface CoreExports {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  arenaMark(): number;
  arenaRelease(mark: number): void;
  activateBlock(kind: number, values: number, count: number): void;
  classicBroken(string: number): number;
  classicCreate(
    delays: number,
    taps: number,
    extras: number,
    spec: number,
    layers: number,
    keep: number,
  ): number;
  classicCreateGuard(string: number, period: number): void;
  classicExcite(string: number, samples: number, count: number, guardHeadroom: number): void;
  classicExtras(string: number): number;
  classicGuardInterventions(string: number): number;
  classicGuardSmallestGain(string: number): number;
  classicRender(string: number, out: number, frames: number): void;
  classicSetDecayLive(
    string: number,
    index: number,
    window: number,
    mean: number,
    scale: number,
    halfLife: number,
    kind: number,
  ): void;
  classicSetExtra(string: number, index: number, value: number): void;
  classicSetLayer(string: number, index: number, weights: number, bias: number): void;
  decayFeature(
    samples: number,
    frames: number,
    window: number,
    mean: number,
    scale: number,
    halfLife: number,
    out: number,
    kind: number,
  ): void;
  delayLineClear(line: number): void;
  delayLineCreate(longest: number): number;
  delayLineRead(line: number, frames: number, delays: number, taps: number, out: number): void;
  delayLineWrite(line: number, samples: number, frames: number): number;
  gatherWindows(
    signal: number,
    positions: number,
    signs: number,
    count: number,
    delays: number,
    taps: number,
    inputs: number,
    stride: number,
    targets: number,
  ): void;
  karplusStrong(
    out: number,
    frames: number,
    period: number,
    gain: number,
    damping: number,
    pluckPosition: number,
    level: number,
    seed: number,
  ): void;
  passiveBend(string: number, cents: number): void;
  passiveBroken(string: number): number;
  passiveControls(string: number): number;
  passiveCreate(
    rows: number,
    taps: number,
    mostTaps: number,
    mostDelay: number,
    mostPeriod: number,
    logDamping: number,
    phase: number,
    loopTaps: number,
    hidden: number,
    controls: number,
    parameters: number,
    parallel: number,
  ): number;
  passiveDamp(string: number, t60: number): void;
  passiveEnergy(string: number, loop: number): number;
  passiveExcite(string: number, samples: number, count: number, guardHeadroom: number): void;
  passiveGain(string: number): number;
  passivePlucksLeft(string: number, samples: number): number;
  passiveGuardInterventions(string: number): number;
  passiveGuardSmallestGain(string: number): number;
  passiveHeard(string: number, out: number, frames: number): void;
  passiveLoad(
    string: number,
    y: number,
    u: number,
    count: number,
    comingAddress: number,
    coming: number,
    guardHeadroom: number,
  ): void;
  passivePluck(
    string: number,
    samples: number,
    coupled: number,
    length: number,
    level: number,
    guardHeadroom: number,
  ): void;
  passiveRender(string: number, out: number, frames: number): void;
  passiveReset(string: number): void;
  passiveRetune(
    string: number,
    sampleRate: number,
    f0: number,
    period: number,
    taps: number,
    ahead: number,
    hop: number,
  ): void;
  passiveSecondLoop(string: number, out: number, frames: number): void;
  passiveSetControl(string: number, index: number, value: number): void;
  passiveSoften(string: number, t60: number): void;
  passiveSource(
    string: number,
    sampleRate: number,
    f0: number,
    period: number,
    ahead: number,
    gain: number,
    asTrained: number,
  ): void;
  passiveStiffen(string: number, stiffness: number): void;
  passiveTake(
    string: number,
    loopTaps: number,
    gain: number,
    sampleRate: number,
    f0: number,
    period: number,
    taps: number,
    ahead: number,
    hop: number,
  ): void;
  passiveTaps(string: number): number;
  passiveWeights(string: number): number;
  removeSwell(samples: number, length: number, width: number): void;
  resample(from: number, count: number, ratio: number, out: number, length: number): void;
  shapePluck(from: number, length: number, delay: number, cutoff: number, out: number): void;
  slidingEnergy(samples: number, frames: number, window: number, out: number): void;
  stiffString(
    out: number,
    frames: number,
    sampleRate: number,
    f0: number,
    inharmonicity: number,
    t60: number,
    partials: number,
    pluckPosition: number,
    detuneCents: number,
    secondMix: number,
    secondT60Ratio: number,
    level: number,
    seed: number,
  ): void;
}

/**
 * An instance of the core and its memory. Views returned by `f32`, `f64` and `i32` are valid until the next
 * allocation, which may move the memory.
 */
export class Core {
  readonly exports: CoreExports;

  /**
   * Instantiate the core.
   * @param module a build's bytes (from a file, a fetch or a message), or the compiled module
   * @throws WebAssembly.CompileError where the engine does not know the build's instructions: see `bestBuild`
   */
  constructor(module: BufferSource | WebAssembly.Module) {
    const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
    this.exports = new WebAssembly.Instance(compiled, {}).exports as unknown as CoreExports;
  }

  /**
   * Reserve zeroed bytes, 16-byte aligned.
   * @returns their address
   * @throws RangeError when the engine has no memory left for them
   */
  allocate(bytes: number): number {
    if (!(bytes >= 0 && bytes < 2 ** 32)) throw new RangeError(`memory: no room for ${bytes} bytes`);
    try {
      // an address above 2 GiB arrives as a negative number
      return this.exports.allocate(bytes) >>> 0;
    } catch {
      throw new RangeError(`memory: no room for ${bytes} bytes`);
    }
  }

  /** Reserve memory and copy numbers into it. @returns their address */
  put(values: Float32Array | Float64Array | Int32Array): number {
    const address = this.allocate(values.byteLength);
    const View = values.constructor as new (
      buffer: ArrayBufferLike,
      offset: number,
      length: number,
    ) => typeof values;
    new View(this.exports.memory.buffer, address, values.length).set(values);
    return address;
  }

  /** Look at `length` float32 numbers at an address. */
  f32(address: number, length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.exports.memory.buffer, address, length);
  }

  /** Look at `length` float64 numbers at an address. */
  f64(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.exports.memory.buffer, address, length);
  }

  /** Look at `length` int32 numbers at an address. */
  i32(address: number, length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.exports.memory.buffer, address, length);
  }

  /**
   * Run work that allocates only for itself, and give its memory back.
   * @returns what the work returns; it must not be a view or an address
   */
  temporarily<Result>(work: () => Result): Result {
    const mark = this.exports.arenaMark();
    try {
      return work();
    } finally {
      this.exports.arenaRelease(mark);
    }
  }
}
