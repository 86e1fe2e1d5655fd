/**
 * What the example pages do, however they were built: a click on "play" makes an audio context and plays a chord, a click
 * on "render" renders the same without a loudspeaker. What differs between them, where the files lie, is their own.
 */

/** Hz, s: a chord, broken; each note is let go, and one is bent. */
const NOTES = [82.41, 123.47, 164.81, 207.65].map((f0, i) => ({ f0, at: 0.1 + 0.15 * i, until: 1.4 }));

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param core the package @param urls { wasm: { scalar, simd, relaxed }, worklet, model } */
export function wire(core, urls) {
  const state = document.querySelector("#state");
  const build = new URLSearchParams(location.search).get("build") ?? core.bestBuild();

  async function perform(context) {
    const [wasm, model] = await Promise.all([bytes(urls.wasm[build]), bytes(urls.model)]);
    const pitches = NOTES.map(({ f0 }) => f0);
    const string = await core.createStringNode(context, { wasm, model, worklet: urls.worklet, pitches });
    const now = context.currentTime;
    for (const { f0, at, until } of NOTES) {
      const id = string.noteOn(f0, 0.7, now + at);
      if (f0 > 200) string.bend(60, id, now + 0.8);
      string.noteOff(id, now + until);
    }
    await string.arrived();
    return string;
  }

  const tell = (work) => async () => {
    try {
      state.textContent = "loading";
      state.textContent = await work();
    } catch (error) {
      state.textContent = `failed: ${error.message}`;
    }
  };

  document.querySelector("#play").onclick = tell(async () => {
    const context = new AudioContext();
    const { node } = await perform(context);
    const meter = new AnalyserNode(context);
    node.connect(meter).connect(context.destination);
    const samples = new Float32Array(meter.fftSize);
    setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      document.querySelector("#level").value = Math.max(...samples);
    }, 50);
    return "playing";
  });

  document.querySelector("#render").onclick = tell(async () => {
    const context = new OfflineAudioContext(1, 2 * 48000, 48000);
    const { node } = await perform(context);
    node.connect(context.destination);
    const sound = (await context.startRendering()).getChannelData(0);
    globalThis.rendered = { build, sound };
    return "rendered";
  });
}
