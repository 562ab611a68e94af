"""The training step of `unet-step.mjs` in PyTorch."""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "packages/models/test/golden"))
from networks import plain_unet  # noqa: E402


class UnetStep:
    """Called, it trains on one batch of noise. `bf16` casts automatically, as training in mixed precision does."""

    def __init__(self, count, size, width, depth, device="cpu", memory_format=torch.channels_last, bf16=False):
        torch.manual_seed(0)
        self.network = plain_unet(width=width, depth=depth).train().to(device, memory_format=memory_format)
        fused = {"fused": True} if device == "cuda" else {}
        self.optimizer = torch.optim.AdamW(self.network.parameters(), 1e-3, **fused)
        images = torch.randn(count, 3, size, size, device=device)
        self.images = images.contiguous(memory_format=memory_format)
        classes = self.network.segmentation_head[0].out_channels
        self.labels = torch.randint(0, classes, (count, size, size), device=device)
        self.autocast = torch.autocast(device, torch.bfloat16, enabled=bf16)

    def __call__(self):
        self.optimizer.zero_grad(set_to_none=True)
        with self.autocast:
            loss = F.cross_entropy(self.network(self.images)["logits"], self.labels)
        loss.backward()
        self.optimizer.step()

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.network.parameters())
