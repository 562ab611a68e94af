"""Training steps of the U-Net of `unet-step.mjs` in PyTorch: python torch-unet-step.py COUNT SIZE WIDTH DEPTH RUNS FORMAT.

FORMAT is `nchw` or `channels-last`. Prints one line of JSON: milliseconds of each warm step, threads, parameters, and
the peak memory of this process.
"""

import json
import resource
import sys
import time

import torch
from torch_unet import UnetStep

count, size, width, depth, runs = (int(argument) for argument in sys.argv[1:6])
memory_format = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last}[sys.argv[6]]
step = UnetStep(count, size, width, depth, memory_format=memory_format)


def timed() -> float:
    start = time.perf_counter()
    step()
    return (time.perf_counter() - start) * 1e3


WARM_UP_SECONDS = 0.5  # as long as unet-process.mjs
begun = time.perf_counter()
step()
while time.perf_counter() - begun < WARM_UP_SECONDS:
    step()

print(
    json.dumps(
        {
            "milliseconds": [timed() for _ in range(runs)],
            "threads": torch.get_num_threads(),
            "version": torch.__version__,
            "parameters": step.parameters,
            "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
