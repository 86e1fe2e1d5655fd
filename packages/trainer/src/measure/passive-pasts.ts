/**
 * The pasts a passive string is soaked from: what it was made for (a recording) and what nobody would play on purpose
 * (noise, a full-scale impulse, DC, a single loud partial). Called by `passive-soak.ts`.
 */
import { resample } from "../audio/resample.ts";
import { seededRandom } from "../core/random.ts";

/** A string as it is tuned for one run. */
export interface PastTuning {
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  /** B; 0 where it is not known. */
  inharmonicity: number;
  /** Samples of a past. */
  samples: number;
}

/** A recording a string is started from. */
export interface SoakRecording {
  /** From the note's onset on. */
  samples: Float32Array;
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
}

/** What a string is made to have sounded before. */
export interface Past {
  name: string;
  samples: Float32Array;
}

/** Partials that are loud alone. */
const LOUD_PARTIALS = [1, 3, 10];

/** The pasts for one tuning, the newest sample last. A partial beyond half the sample rate is left out. */
export function soakPasts(tuning: PastTuning, recording: SoakRecording, seed: number): Past[] {
  const { samples, sampleRate, f0, inharmonicity } = tuning;
  const random = seededRandom(seed);
  const impulse = new Float32Array(samples);
  impulse[samples - 1] = 1;
  const partials = LOUD_PARTIALS.map((n) => ({ n, hz: n * f0 * Math.sqrt(1 + inharmonicity * n * n) }));
  return [
    { name: "recording", samples: recordedPast(tuning, recording) },
    { name: "noise", samples: Float32Array.from({ length: samples }, () => 2 * random() - 1) },
    { name: "impulse", samples: impulse },
    { name: "DC", samples: new Float32Array(samples).fill(1) },
    ...partials
      .filter(({ hz }) => hz < sampleRate / 2)
      .map(({ n, hz }) => ({ name: `partial ${n}`, samples: sine(samples, hz / sampleRate) })),
  ];
}

/** A recording's first samples, brought to the string's pitch and sample rate as a tape is. */
function recordedPast({ samples, sampleRate, f0 }: PastTuning, recording: SoakRecording): Float32Array {
  const period = recording.sampleRate / recording.f0;
  const tunedPeriod = sampleRate / f0;
  // the resampler looks some hundred samples ahead
  const taken = Math.ceil((samples * period) / tunedPeriod) + 512;
  return resample(recording.samples.subarray(0, taken), period, tunedPeriod).subarray(0, samples);
}

function sine(samples: number, cycles: number): Float32Array {
  return Float32Array.from({ length: samples }, (_, n) => Math.sin(2 * Math.PI * cycles * n));
}
