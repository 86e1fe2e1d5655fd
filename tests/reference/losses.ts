/** The one-step losses in float64, one loop each: what the trainer's tensors are held to. */
import type { LossConfig } from "@neural-string/shared";

/**
 * Losses of examples, or of windows of consecutive ones.
 * @param p predictions @param t targets @param e RMS of the taps; all equally long
 * @returns one number an example, or a window
 */
export function oneStepLosses(config: LossConfig, p: number[], t: number[], e: number[]): number[] {
  if (!("window" in config)) return p.map((x, i) => ofSample(config, x, t[i], e[i]));
  const losses: number[] = [];
  for (let at = 0; at < p.length; at += config.window) {
    const cut = (x: number[]) => x.slice(at, at + config.window);
    losses.push(ofWindow(config, cut(p), cut(t)));
  }
  return losses;
}

type OfWindows = Extract<LossConfig, { window: number }>;

function ofSample(config: Exclude<LossConfig, OfWindows>, p: number, t: number, e: number): number {
  const error = Math.abs(p - t);
  const louder = Math.max(0, Math.abs(p) - Math.abs(t));
  switch (config.name) {
    case "mse":
      return error ** 2;
    case "relative_mse":
      return error ** 2 / (t ** 2 + config.floor);
    case "relative_l1":
      return error / (Math.abs(t) + config.floor);
    case "relative_l1_with_penalty":
      return (error + config.alpha * louder) / (Math.abs(t) + config.floor);
    case "energy_l1":
      return error / (e + config.floor);
    case "energy_l1_with_penalty":
      return (error + config.alpha * louder) / (e + config.floor);
    case "log_magnitude":
      return (Math.log(Math.abs(p) + config.floor) - Math.log(Math.abs(t) + config.floor)) ** 2;
  }
}

function ofWindow(config: OfWindows, p: number[], t: number[]): number {
  const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
  const squares = p.map((x, i) => (x - t[i]) ** 2);
  const level = Math.sqrt(mean(t.map((x) => x * x)) + config.floor);
  switch (config.name) {
    case "window_normalized_mse":
      return mean(squares.map((x) => x / level ** 2));
    case "inverse_rms_mse":
      return mean(squares) / Math.max(level, config.least);
    case "si_snr": {
      const centred = (x: number[]) => x.map((v) => v - mean(x));
      const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
      const [q, s] = [centred(p), centred(t)];
      const share = dot(q, s) / (dot(s, s) + config.floor);
      const wanted = s.map((x) => share * x);
      const rest = q.map((x, i) => x - wanted[i]);
      return -10 * Math.log10((dot(wanted, wanted) + config.floor) / (dot(rest, rest) + config.floor));
    }
  }
}
