"""Training steps of the U-Net of `unet-step.mjs` in PyTorch: python torch-unet-step.py COUNT SIZE WIDTH RUNS FORMAT.

FORMAT is `nchw` or `channels-last`. Prints one line of JSON: milliseconds of each warm step, threads, parameters, and
the peak memory of this process.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "packages/models/test/golden"))
from networks import plain_unet  # noqa: E402

CLASSES = 3
count, size, width, runs = (int(argument) for argument in sys.argv[1:5])
memory_format = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last}[sys.argv[5]]

torch.manual_seed(0)
network = plain_unet(width=width, depth=4).train().to(memory_format=memory_format)
optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
images = torch.randn(count, 3, size, size).contiguous(memory_format=memory_format)
labels = torch.randint(0, CLASSES, (count, size, size))


def step() -> float:
    start = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(network(images)["logits"], labels).backward()
    optimizer.step()
    return (time.perf_counter() - start) * 1e3


WARM_UP_SECONDS = 0.5  # as long as unet-process.mjs
begun = time.perf_counter()
step()
while time.perf_counter() - begun < WARM_UP_SECONDS:
    step()

print(
    json.dumps(
        {
            "milliseconds": [step() for _ in range(runs)],
            "threads": torch.get_num_threads(),
            "version": torch.__version__,
            "parameters": sum(p.numel() for p in network.parameters()),
            "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
