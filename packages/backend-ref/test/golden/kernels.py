"""Values and gradients of PyTorch in float64, as kernels.json: python kernels.py > kernels.json (torch 2.13).

Inputs are no part of the file: tensor number k of a case is sin(0.7 + 1.3 k + 0.9 i), i its row-major index in our
layout (maps NHWC, filters HWIO), which here is turned into PyTorch's. Gradients are those of sum(y * cos(0.5 + i)).
"""
import json
import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def wave(k, shape):
    size = math.prod(shape)
    return torch.sin(0.7 + 1.3 * k + 0.9 * torch.arange(size)).reshape(shape).requires_grad_()


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def conv(x, f, b, **options):
    return nhwc(F.conv2d(nchw(x), f.permute(3, 2, 0, 1), b, **options))


def mapwise(f):
    return lambda x: nhwc(f(nchw(x)))


def resize(size, **options):
    return mapwise(lambda x: F.interpolate(x, size=size, **options))


LABELS = torch.tensor([[[0, 2, 255], [1, 1, 2]]])


def cross_entropy(**options):
    def run(x, *weight):
        w = torch.abs(weight[0]).detach() if weight else None
        return F.cross_entropy(nchw(x), LABELS, weight=w, ignore_index=255, reduction="none", **options)

    return run


def batch_norm(relu):
    def run(x, scale, offset):
        y = nhwc(F.batch_norm(nchw(x), None, None, scale, offset, training=True, eps=1e-5))
        return F.relu(y) if relu else y

    return run


def kl(temperature):
    def run(student, teacher):
        q = F.softmax(teacher.detach() / temperature, -1)
        return F.kl_div(F.log_softmax(student / temperature, -1), q, reduction="none").sum(-1)

    return run


CASES = {
    "conv": (conv, [[2, 5, 6, 3], [3, 3, 3, 4], [4]]),
    "conv, stride 2, pad 1": (lambda *a: conv(*a, stride=2, padding=1), [[1, 7, 6, 2], [3, 3, 2, 3], [3]]),
    "conv, dilation 2, pad 2": (lambda *a: conv(*a, dilation=2, padding=2), [[1, 6, 5, 2], [3, 3, 2, 2], [2]]),
    "conv, stride 2, dilation 3": (
        lambda *a: conv(*a, stride=2, dilation=3, padding=3),
        [[1, 8, 7, 2], [3, 3, 2, 2], [2]],
    ),
    "conv, groups 2": (lambda *a: conv(*a, groups=2, padding=1), [[1, 4, 5, 4], [3, 3, 2, 6], [6]]),
    "conv, depthwise": (lambda *a: conv(*a, groups=3, padding=(0, 1)), [[1, 4, 5, 3], [2, 3, 1, 6], [6]]),
    "max pool 2": (mapwise(lambda x: F.max_pool2d(x, 2)), [[1, 5, 6, 2]]),
    "max pool 3, stride 2, pad 1": (mapwise(lambda x: F.max_pool2d(x, 3, 2, 1)), [[2, 6, 5, 2]]),
    "avg pool 3, stride 2, pad 1": (
        mapwise(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
        [[1, 6, 5, 2]],
    ),
    "bilinear, up": (resize((7, 9), mode="bilinear", align_corners=False), [[1, 3, 4, 2]]),
    "bilinear, down": (resize((3, 2), mode="bilinear", align_corners=False), [[1, 7, 5, 2]]),
    "bilinear, corners": (resize((7, 9), mode="bilinear", align_corners=True), [[1, 3, 4, 2]]),
    "nearest, up": (resize((7, 9), mode="nearest-exact"), [[1, 3, 4, 2]]),
    "batch norm": (batch_norm(False), [[2, 3, 4, 3], [3], [3]]),
    "batch norm, relu": (batch_norm(True), [[2, 3, 4, 3], [3], [3]]),
    "cross-entropy": (cross_entropy(), [[1, 2, 3, 3]]),
    "cross-entropy, weights, smoothing": (cross_entropy(label_smoothing=0.25), [[1, 2, 3, 3], [3]]),
    "kl": (kl(1), [[1, 2, 3, 4], [1, 2, 3, 4]]),
    "kl, temperature 4": (kl(4), [[1, 2, 3, 4], [1, 2, 3, 4]]),
    "log softmax": (lambda x: F.log_softmax(x, -1), [[3, 5]]),
}


def run(f, shapes):
    inputs = [wave(k, shape) for k, shape in enumerate(shapes)]
    y = f(*inputs)
    (y * torch.cos(0.5 + torch.arange(y.numel())).reshape(y.shape)).sum().backward()
    flat = lambda x: [float(f"{v:.15g}") for v in x.detach().reshape(-1).tolist()]
    gradients = [None if x.grad is None else flat(x.grad) for x in inputs]
    return {"shapes": shapes, "shape": list(y.shape), "y": flat(y), "gradients": gradients}


print(json.dumps({name: run(*case) for name, case in CASES.items()}, separators=(",", ":")))
