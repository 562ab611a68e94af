"""The tasks of `device-worker.mjs` in PyTorch: python device_worker.py DEVICE reads tasks from its input, one line of JSON
each, and answers each by one line. DEVICE is `cuda`; `cpu` serves to try this out. Eager, channels-last.
"""

import json
import sys

try:
    import torch
except ImportError:
    print(json.dumps({"reason": "this Python has no PyTorch"}))
    sys.exit()
if sys.argv[1] == "cuda" and not torch.cuda.is_available():
    print(json.dumps({"reason": "no GPU for PyTorch"}))
    sys.exit()

from device_turns import time_turns  # noqa: E402
from torch_memory_bound import CASES, Maps  # noqa: E402
from torch_unet import UnetStep  # noqa: E402

DEVICE = sys.argv[1]
MIB = 2**20
cuda = torch.cuda if DEVICE == "cuda" else None


def precise(precision):
    """bf16 is up to the task: storage for what is measured alone, automatic casts for a training."""
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = precision != "fp32"
    return torch.bfloat16 if precision == "bf16" else torch.float32


def step(size, precision, seconds):
    precise(precision)
    if cuda:
        cuda.reset_peak_memory_stats()
    shape = (size[name] for name in ("count", "size", "width", "depth"))
    one = UnetStep(*shape, DEVICE, bf16=precision == "bf16")
    answer = {**time_turns(one, seconds, DEVICE), "parameters": one.parameters}
    if cuda:
        answer["peakMiB"] = cuda.max_memory_allocated() / MIB
    return answer


def layer(layer, precision, seconds):
    dtype = precise(precision)
    count, height, width, inputs = layer["x"]
    kernel, _, _, outputs = layer["filter"]

    def noise(*shape):
        x = torch.randn(shape, device=DEVICE, dtype=dtype)
        return x.contiguous(memory_format=torch.channels_last)

    x, dy = noise(count, inputs, height, width), noise(count, outputs, height, width)
    filter = noise(outputs, inputs, kernel, kernel)
    pad = [(kernel - 1) // 2] * 2

    def backward(*mask):
        return lambda: torch.ops.aten.convolution_backward(
            dy, x, filter, None, [1, 1], pad, [1, 1], False, [0, 0], 1, [*mask, False]
        )

    runs = {
        "forward": lambda: torch.nn.functional.conv2d(x, filter, padding=pad),
        "gradInput": backward(True, False),
        "gradFilter": backward(False, True),
    }
    return {direction: time_turns(run, seconds, DEVICE) for direction, run in runs.items()}


def memory(one, precision, seconds):
    return time_turns(CASES[one["name"]](Maps(one["shape"], DEVICE, precise(precision))), seconds, DEVICE)


def perform(kind, **task):
    try:
        return TASKS[kind](**task)
    except Exception as error:  # the next task may work
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        if cuda:
            cuda.empty_cache()


TASKS = {"step": step, "layer": layer, "memory": memory}
versions = {"PyTorch": torch.__version__, "cuDNN": str(torch.backends.cudnn.version() if cuda else None)}
if cuda:
    versions["GPU"] = cuda.get_device_name()
print(json.dumps({"ready": versions}), flush=True)
for line in sys.stdin:
    print(json.dumps(perform(**json.loads(line))), flush=True)
