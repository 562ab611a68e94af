"""Numbers that PyTorch and TypeScript make alike, so that golden files need hold no weights.

A tensor is filled by the hash of its name and of the element's index in PyTorch's layout; `digest` boils a tensor
down to what a golden file keeps. The other half is in ../golden-digest.ts.
"""

import numpy as np
import torch


def uniform(name: str, count: int) -> np.ndarray:
    """Uniform in [-1, 1), float64: FNV-1a of the name, then murmur3's finaliser of seed + index."""
    seed = 0x811C9DC5
    for character in name.encode():
        seed = ((seed ^ character) * 0x01000193) & 0xFFFFFFFF
    bits = (np.arange(count, dtype=np.uint64) + seed).astype(np.uint32)
    bits ^= bits >> np.uint32(16)
    bits *= np.uint32(0x85EBCA6B)
    bits ^= bits >> np.uint32(13)
    bits *= np.uint32(0xC2B2AE35)
    bits ^= bits >> np.uint32(16)
    return bits.astype(np.float64) / 2**31 - 1


def tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.from_numpy(uniform(name, int(np.prod(shape))).reshape(shape))


def initial(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """A parameter or buffer: filters of variance 1 / fan-in, scales and variances around 1, all else around 0."""
    u = tensor(name, shape)
    if len(shape) > 1:
        return u * (3 / np.prod(shape[1:])) ** 0.5
    if name.endswith("running_var") or name.endswith("weight"):
        return 1 + 0.4 * u
    return 0.3 * u


def digest(name: str, x: torch.Tensor, samples: int) -> dict:
    """Norm, projection on a random direction, and some elements, all in PyTorch's layout."""
    flat = x.detach().reshape(-1).numpy()
    count = min(samples, flat.size)
    indexes = np.arange(count) * flat.size // count
    rounded = lambda value: float(f"{value:.10g}")
    return {
        "shape": list(x.shape),
        "norm": rounded(np.linalg.norm(flat)),
        "projection": rounded(flat @ uniform(f"{name}/probe", flat.size)),
        "samples": [rounded(value) for value in flat[indexes]],
    }
