/**
 * The origin's experiments, one row each, in the order of its diary. A row's config is `experiments/ID.json`; rows that
 * ask one question share a group, and differ in the config by what the question is about.
 */

export interface Row {
  id: string;
  /** The question that it and its neighbours answer. */
  group: string;
  /** What is special about it, for the table. */
  what: string;
  /**
   * Trained on sounds of other rows as well: places where the first of `unstable` that failed went wrong, continued by
   * the row `stable` under the energy guard.
   */
  stabilityFrom?: { unstable: readonly string[]; stable: string };
}

const KARPLUS_STRONG = "Karplus-Strong, with and without hidden layers, mirrored and not";
const TAPS = "Taps at 1 and 2";
const LOSS = "Loss";
const SIZE = "Size";
const BEYOND = "Beyond one step";

export const ROWS: readonly Row[] = [
  { id: "ks-linear", group: KARPLUS_STRONG, what: "no hidden layer" },
  { id: "ks-linear-symmetric", group: KARPLUS_STRONG, what: "no hidden layer, every example also mirrored" },
  { id: "ks-hidden", group: KARPLUS_STRONG, what: "two hidden layers of 64" },
  { id: "ks-hidden-symmetric", group: KARPLUS_STRONG, what: "two hidden layers of 64, also mirrored" },
  {
    id: "ks-penalty",
    group: KARPLUS_STRONG,
    what: "20 units, taps at quarter periods, a penalty on too loud: the first success",
  },
  { id: "first-try", group: TAPS, what: "the first try: 2x64, taps 1 to 3 and T-3 to T+3, plain MSE, 5 s" },
  { id: "taps-near", group: TAPS, what: "100 units, taps 1 and 2 beside those of the period" },
  { id: "taps-period", group: TAPS, what: "the same without taps 1 and 2: the first stable real string" },
  { id: "loss-relative", group: LOSS, what: "relative to the target" },
  {
    id: "loss-energy",
    group: LOSS,
    what: "relative to the energy of the inputs (with the penalty: taps-period)",
  },
  { id: "net-small", group: SIZE, what: "20 units (100: taps-period)" },
  { id: "net-large", group: SIZE, what: "1500 units" },
  { id: "decay-feature", group: BEYOND, what: "taps-period, with the decay as an input" },
  {
    id: "sequence-training",
    group: BEYOND,
    what: "taps-period, its second half trained on its own feedback",
  },
  {
    id: "stability-data",
    group: BEYOND,
    what: "taps-period, with sine bursts, and sounds that blew a string up continued by a stable one",
    stabilityFrom: {
      unstable: ["net-large", "taps-near", "loss-relative", "first-try"],
      stable: "sequence-training",
    },
  },
  { id: "passive", group: BEYOND, what: "two loops that cannot gain energy, trained on their own feedback" },
];
