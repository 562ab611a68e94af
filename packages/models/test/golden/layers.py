"""PyTorch layers that several twins share; attribute names are the names in checkpoints."""

import torch
from torch import nn
from torch.nn import functional as F


def conv_bn(i: int, o: int, k: int = 3, act: nn.Module | None = None, norm=nn.BatchNorm2d, bias=False, **geometry):
    """Sequential(conv, norm, activation) with padding that keeps the size at stride 1."""
    dilation = geometry.get("dilation", 1)
    conv = nn.Conv2d(i, o, k, padding=dilation * (k - 1) // 2, bias=bias, **geometry)
    return nn.Sequential(conv, norm(o), act or nn.ReLU())


def linear_bn(i: int, o: int, bias=False):
    return nn.Sequential(nn.Conv2d(i, o, 1, bias=bias), nn.BatchNorm2d(o))


def group_norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(max(g for g in range(1, 9) if channels % g == 0), channels)


def to(x: torch.Tensor, like: torch.Tensor, mode="bilinear", **how) -> torch.Tensor:
    if mode == "bilinear":
        how.setdefault("align_corners", False)
    return F.interpolate(x, size=like.shape[2:], mode=mode, **how)


class DoubleConv(nn.Module):
    def __init__(self, i, o, conv=conv_bn, **style):
        super().__init__()
        self.conv1 = conv(i, o, **style)
        self.conv2 = conv(o, o, **style)

    def forward(self, x):
        return self.conv2(self.conv1(x))


class PlainEncoder(nn.Module):
    def __init__(self, width, depth, conv=conv_bn, **style):
        super().__init__()
        self.channels = [width * 2**level for level in range(depth + 1)]
        inputs = [3, *self.channels]
        self.blocks = nn.ModuleList(DoubleConv(inputs[n], c, conv, **style) for n, c in enumerate(self.channels))

    def forward(self, x):
        maps = []
        for n, block in enumerate(self.blocks):
            x = block(F.max_pool2d(x, 2) if n else x)
            maps.append(x)
        return maps


class Aspp(nn.Module):
    """torchvision's ASPP without its dropout."""

    class Pooling(nn.Sequential):
        def forward(self, x):
            return to(super().forward(x), x)

    def __init__(self, i, o, rates, norm=nn.BatchNorm2d):
        super().__init__()
        pooling = self.Pooling(nn.AdaptiveAvgPool2d(1), nn.Conv2d(i, o, 1, bias=False), norm(o), nn.ReLU())
        dilated = [conv_bn(i, o, norm=norm, dilation=rate) for rate in rates]
        self.convs = nn.ModuleList([conv_bn(i, o, 1, norm=norm), *dilated, pooling])
        self.project = conv_bn(len(self.convs) * o, o, 1, norm=norm)

    def forward(self, x):
        return self.project(torch.cat([conv(x) for conv in self.convs], 1))
