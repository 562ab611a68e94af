"""The kernels of `memory-bound.mjs` in PyTorch, eager, on channels-last maps: by name, from a shape [N,H,W,C] what is run."""

import torch
from torch.nn import functional as F

SCALES = (1, 2, 4)
TEMPERATURE = 2


class Maps:
    """Makes the tensors of one measurement."""

    def __init__(self, shape, device, dtype):
        self.count, self.height, self.width, self.channels = shape
        self.device = device
        self.dtype = dtype

    def map(self, halved=False):
        side = 2 if halved else 1
        shape = (self.count, self.channels, self.height // side, self.width // side)
        x = torch.randn(shape, device=self.device, dtype=self.dtype)
        return x.contiguous(memory_format=torch.channels_last)

    def pixels(self):
        return torch.randn(self.count, self.height, self.width, device=self.device)

    def labels(self):
        return torch.randint(0, self.channels, (self.count, self.height, self.width), device=self.device)

    def vector(self):
        return torch.randn(self.channels, device=self.device)


def batch_norm(x, scale, offset):
    return F.relu(F.batch_norm(x, None, None, scale, offset, training=True))


def max_pool(x):
    return F.max_pool2d(x, 2, return_indices=True)[0]


def upsample(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def strip_pool(x):
    """Means over rows and over columns of the cells of a pyramid, as PLOP's code makes them."""
    strips = []
    for scale in SCALES:
        n, c, h, w = x.shape
        cells = x.reshape(n, c, scale, h // scale, scale, w // scale)
        strips += [cells.mean(5).reshape(n, c, -1), cells.mean(3).reshape(n, c, -1)]
    return torch.cat(strips, 2)


def divergence(student, teacher):
    log_p, log_q = (F.log_softmax(x / TEMPERATURE, 1) for x in (student, teacher))
    return F.kl_div(log_p, log_q, reduction="none", log_target=True).sum(1)


def cross_entropy(logits, labels):
    return F.cross_entropy(logits.float(), labels, reduction="none")


def gradient_of(function, dy, wanted, *others):
    """The backward pass alone: the forward pass is done once, before."""
    wanted = [x.requires_grad_() for x in wanted]
    y = function(*wanted, *others)
    dy = torch.randn_like(y) if dy is None else dy.to(y.dtype)
    return lambda: torch.autograd.grad(y, wanted, dy, retain_graph=True)


def copy(m):
    x = m.map()
    return x.clone


def relu(m):
    x = m.map()
    return lambda: F.relu(x)


def add(m):
    x, y = m.map(), m.map()
    return lambda: x + y


def called(function, *inputs):
    return lambda: function(*inputs)


def top_k(m):
    x = torch.randn(m.count, m.height * m.width, device=m.device)
    return lambda: torch.topk(x, x.shape[1] // 16)


CASES = {
    "copy": copy,
    "ReLU": relu,
    "add": add,
    "batch norm + ReLU": lambda m: called(batch_norm, m.map(), m.vector(), m.vector()),
    "batch norm + ReLU, gradient": lambda m: gradient_of(batch_norm, m.map(), [m.map(), m.vector(), m.vector()]),
    "max pool": lambda m: called(max_pool, m.map()),
    "max pool, gradient": lambda m: gradient_of(max_pool, m.map(halved=True), [m.map()]),
    "bilinear × 2": lambda m: called(upsample, m.map(halved=True)),
    "bilinear × 2, gradient": lambda m: gradient_of(upsample, m.map(), [m.map(halved=True)]),
    "strip pool": lambda m: called(strip_pool, m.map()),
    "strip pool, gradient": lambda m: gradient_of(strip_pool, None, [m.map()]),
    "KL": lambda m: called(divergence, m.map(), m.map()),
    "KL, gradient": lambda m: gradient_of(divergence, m.pixels(), [m.map()], m.map()),
    "cross entropy": lambda m: called(cross_entropy, m.map(), m.labels()),
    "cross entropy, gradient": lambda m: gradient_of(cross_entropy, m.pixels(), [m.map()], m.labels()),
    "top-k of pixels": top_k,
}
