"""Training steps of the U-Net of `unet-step.mjs` in PyTorch: python torch-unet-step.py COUNT SIZE WIDTH RUNS.

Prints one line of JSON: milliseconds of each step in NCHW and in channels-last order, parameters, peak memory.
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


def steps(memory_format: torch.memory_format) -> list[float]:
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

    step()
    return [step() for _ in range(runs)]


nchw = steps(torch.contiguous_format)
print(
    json.dumps(
        {
            "nchw": nchw,
            "channelsLast": steps(torch.channels_last),
            "threads": torch.get_num_threads(),
            "version": torch.__version__,
            "parameters": sum(p.numel() for p in plain_unet(width=width, depth=4).parameters()),
            "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
