"""A network in PyTorch on one thread, for bench:wasm: reads its weights and a block of windows, then answers lines.

argv[1]: a file of float32, argv[2]: JSON {"rows", "widths"}: the windows [rows, widths[0]], then per layer its weight
[out, in] and bias [out]; tanh after each but the last. stdin, a line each: "prove" -> the block's samples as JSON;
a number -> evaluates the block so often, then prints the last sample.
"""

import json
import sys

import torch

torch.set_num_threads(1)
torch.set_grad_enabled(False)

shape = json.loads(sys.argv[2])
numbers = torch.frombuffer(bytearray(open(sys.argv[1], "rb").read()), dtype=torch.float32)
at = 0


def take(*size):
    global at
    count = torch.Size(size).numel()
    part = numbers[at : at + count].reshape(size).contiguous()
    at += count
    return part


widths = shape["widths"]
windows = take(shape["rows"], widths[0])
layers = [(take(out, into), take(out)) for into, out in zip(widths, widths[1:])]


def predict():
    x = windows
    for i, (weight, bias) in enumerate(layers):
        x = torch.nn.functional.linear(x, weight, bias)
        if i + 1 < len(layers):
            x = torch.tanh(x)
    return x


print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    if line.strip() == "prove":
        print(json.dumps(predict()[:, 0].tolist()), flush=True)
    else:
        for _ in range(int(line)):
            y = predict()
        print(float(y[-1, 0]), flush=True)
