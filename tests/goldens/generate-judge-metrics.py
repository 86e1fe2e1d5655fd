#!/usr/bin/env python3
"""Write judge-metrics.json: what the project's judge.py says about strings both sides can synthesise.

    generate-judge-metrics.py [JUDGE.py]

The formula is that of tests/support/synthetic-string.ts. Needs numpy, scipy, soundfile (judge.py imports it).
"""
import importlib.util, json, re, sys
from pathlib import Path
import numpy as np

HERE = Path(__file__).resolve().parent
JUDGE = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "shared" / "judge" / "judge.py"

LOW_E = {"sampleRate": 44100, "seconds": 9.5, "f0": 82.5, "B": 1.4e-4, "t60": 12, "damping": 0.04, "noise": 2e-5}
PIANO = {"sampleRate": 48000, "seconds": 3, "f0": 54.79, "B": 3e-4, "partials": 24, "t60": 9, "damping": 0.01}
HIGH = {"sampleRate": 96000, "seconds": 1.5, "f0": 1000, "t60": 2, "damping": 0.1, "partials": 8}
NOISY = {"sampleRate": 22050, "seconds": 6.5, "f0": 330, "t60": 3, "damping": 0.1, "noise": 3e-3}
CASES = [
    ("a low E that decays too slowly and is 3 cents sharp", 82.6, 5,
     LOW_E, LOW_E | {"seconds": 5, "f0": 82.643, "t60": 16, "noise": 0}),
    ("a low E that becomes NaN", 82.6, 5, LOW_E, LOW_E | {"seconds": 5, "brokenFrom": 150000}),
    ("a piano string at 48 kHz, too short for a noise estimate, with few partials and DC", 54.79, 2.5,
     PIANO, PIANO | {"partials": 9, "t60": 6, "dc": 0.01}),
    ("a high string at 96 kHz, shorter than 2.1 s, 10 dB too loud", 1000, 5, HIGH, HIGH | {"amplitude": 1.58}),
    ("a noisy recording at 22.05 kHz against a render that grows", 330, 2.5,
     NOISY, NOISY | {"seconds": 2.5, "noise": 0, "t60": -6, "damping": 0}),
    ("a noisy recording against silence", 330, 2.5, NOISY, NOISY | {"seconds": 2.5, "noise": 0, "amplitude": 0}),
]


def string(sampleRate, seconds, f0, t60, B=0, partials=16, damping=0, amplitude=0.5, dc=0, noise=0, brokenFrom=None):
    n = np.arange(round(seconds * sampleRate))
    t = n / sampleRate
    x = np.full(len(n), float(dc))
    for k in range(1, partials + 1):
        f = k * f0 * np.sqrt(1 + B * k * k)
        if f >= sampleRate / 2:
            break
        x += amplitude / k * np.exp(-np.log(1000) * t * (1 + damping * k * k) / t60) * np.cos(2 * np.pi * f * t + k * k)
    if noise:
        u, state = np.zeros(len(n)), 1
        for i in n:
            state = (1664525 * state + 1013904223) % 2**32
            u[i] = state / 2**31 - 1
        x += noise * u
    if brokenFrom is not None:
        x[brokenFrom:] = np.nan
    return x


if __name__ == "__main__":
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    cases = []
    for name, f0, seconds, target, render in CASES:
        expected = module.judge(string(**render), string(**target), target["sampleRate"], seconds, f0)
        cases.append({"name": name, "f0": f0, "seconds": seconds, "target": target, "render": render,
                      "expected": {k: round(v, 6) for k, v in expected.items()}})
    # 2e-5 rather than Python's 2e-05: what the repository's formatter wants
    text = re.sub(r"(\de-)0", r"\1", json.dumps(cases, indent=2))
    (HERE / "judge-metrics.json").write_text(text + "\n")
