/**
 * A script that takes from Chromium what Safari lacks, before a page's own scripts run: Web MIDI, relaxed SIMD, modules
 * that are posted, pointer events of a frame, idle callbacks; and that lets sound begin as Safari does, only where `resume`
 * is called while a gesture is handled, a finger that comes down being none; and gives it what an iPhone has: a session that
 * says what a page does with sound, and a microphone only for one that records. It stands in for a browser that no Debian
 * machine has, as far as one is known: it shows that the site needs nothing of all this.
 */
export const AS_SAFARI = `(() => {
  delete Navigator.prototype.requestMIDIAccess;
  delete Navigator.prototype.userActivation;
  delete PointerEvent.prototype.getCoalescedEvents;
  delete globalThis.requestIdleCallback;
  Object.defineProperty(navigator, "audioSession", { value: { type: "auto" } });
  globalThis.sessionsOfMicrophone = [];
  MediaDevices.prototype.getUserMedia = async () => {
    sessionsOfMicrophone.push(navigator.audioSession.type);
    throw new DOMException("none", "NotFoundError");
  };

  // f32x4.relaxed_madd
  const isRelaxed = (source) => {
    const bytes = new Uint8Array(source.buffer ?? source);
    return bytes.some((byte, i) => byte === 0xfd && bytes[i + 1] === 0x85 && bytes[i + 2] === 0x02);
  };
  const { validate, Module: RealModule } = WebAssembly;
  WebAssembly.validate = (source) => !isRelaxed(source) && validate(source);
  WebAssembly.Module = class extends RealModule {
    constructor(source) {
      if (isRelaxed(source)) throw new WebAssembly.CompileError("relaxed SIMD is not known here");
      super(source);
    }
  };

  const refuseModules = (value, depth = 0) => {
    if (value instanceof RealModule) throw new DOMException("The object can not be cloned.", "DataCloneError");
    if (depth < 4 && value && Object.getPrototypeOf(value) === Object.prototype)
      for (const part of Object.values(value)) refuseModules(part, depth + 1);
  };
  for (const { prototype } of [MessagePort, Worker]) {
    const { postMessage } = prototype;
    prototype.postMessage = function (message, ...rest) {
      refuseModules(message);
      return postMessage.call(this, message, ...rest);
    };
  }
  const RealNode = AudioWorkletNode;
  globalThis.AudioWorkletNode = class extends RealNode {
    constructor(context, name, options) {
      refuseModules(options?.processorOptions);
      super(context, name, options);
    }
  };

  const isGesture = () => event?.isTrusted && ["touchend", "click", "mousedown", "keydown"].includes(event.type);
  globalThis.contexts = [];
  const RealContext = AudioContext;
  globalThis.AudioContext = class extends RealContext {
    constructor(options) {
      super(options);
      super.suspend();
      contexts.push(this);
    }
    resume() {
      return isGesture() ? super.resume() : new Promise(() => {});
    }
  };
})()`;
