"""Writes <case>.json: what PyTorch computes for every twin, in float64.

    python -B packages/models/test/golden/generate.py      (PyTorch 2.13, CPU; -B leaves no cache behind)

Per case and mode (`eval`, `train`): a digest of every tap. For `train` also of the gradient of Σ map · probe over all
taps with respect to every parameter, and of every running statistic after the step.
"""

import json
from pathlib import Path

import torch
from torch import nn

from encoders import MobileNetV2, Xception, resnet
from networks import CASES
from digests import digest, initial, tensor

# elements kept of each tensor
OF_TAPS = 48
OF_OTHERS = 4

# torchvision 0.20 without the classification layer; Xception as VainF uses it, without its last normalisation
PUBLISHED = {
    "resnet-18": (11_176_512, lambda: resnet("resnet-18")),
    "resnet-34": (21_284_672, lambda: resnet("resnet-34")),
    "resnet-50": (23_508_032, lambda: resnet("resnet-50")),
    "resnet-101": (42_500_160, lambda: resnet("resnet-101")),
    "mobilenet-v2": (1_811_712, MobileNetV2),
    "xception": (20_802_856, Xception),
}


def run(network: nn.Module, size: tuple[int, int]) -> dict:
    network.double()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                value.copy_(initial(name, tuple(value.shape)))
    image = tensor("image", (2, 3, *size))
    network.eval()
    with torch.no_grad():
        evaluated = {tap: digest(tap, map, OF_TAPS) for tap, map in network(image).items()}
    network.train()
    maps = network(image)
    sum((map * tensor(f"{tap}/gradient", tuple(map.shape))).sum() for tap, map in maps.items()).backward()
    return {
        "size": size,
        "eval": evaluated,
        "train": {tap: digest(tap, map, OF_TAPS) for tap, map in maps.items()},
        "gradients": {
            name: digest(name, parameter.grad, OF_OTHERS)
            for name, parameter in network.named_parameters()
        },
        "statistics": {
            name: digest(name, buffer, OF_OTHERS)
            for name, buffer in network.named_buffers()
            if not name.endswith("num_batches_tracked")
        },
    }


def main() -> None:
    for name, (count, build) in PUBLISHED.items():
        found = sum(p.numel() for p in build().parameters())
        assert found == count, f"{name}: {found} parameters, published {count}"
    here = Path(__file__).parent
    for name, (size, build) in CASES.items():
        golden = {"source": f"PyTorch {torch.__version__}, test/golden/networks.py", **run(build(), size)}
        (here / f"{name}.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
