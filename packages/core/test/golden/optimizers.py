"""Makes optimizers.json: parameters after a few updates by PyTorch's optimizers, in float64.

python optimizers.py > optimizers.json   (torch 2.13)
"""

import json
import math

import torch

STEPS = 4


def gradient(step, index, size):
    return [math.sin(1.7 * (step + 1) + 0.9 * i + index) for i in range(size)]


def run(make, clip=None):
    first = torch.nn.Parameter(torch.tensor([0.5, -1.25, 2.0, 0.0], dtype=torch.float64))
    second = torch.nn.Parameter(torch.tensor([[1.0, -0.5]], dtype=torch.float64))
    optimizer = make([first, second])
    for step in range(STEPS):
        for index, parameter in enumerate((first, second)):
            values = torch.tensor(gradient(step, index, parameter.numel()), dtype=torch.float64)
            parameter.grad = values.reshape(parameter.shape).clone()
        if clip is not None:
            torch.nn.utils.clip_grad_norm_([first, second], clip)
        optimizer.step()
    return {"first": first.tolist(), "second": second.flatten().tolist()}


def groups(rates, decays):
    return lambda ps: [dict(params=[p], lr=r, weight_decay=d) for p, r, d in zip(ps, rates, decays)]


sgd, adam, adamw = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
print(json.dumps({
    "steps": STEPS,
    "sgd": run(lambda ps: sgd(ps, lr=0.1)),
    "sgd-momentum": run(lambda ps: sgd(ps, lr=0.1, momentum=0.9, weight_decay=0.01)),
    "sgd-nesterov": run(lambda ps: sgd(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
    "adam": run(lambda ps: adam(ps, lr=0.05, weight_decay=0.02)),
    "adamw": run(lambda ps: adamw(ps, lr=0.05, weight_decay=0.02)),
    "adamw-groups": run(lambda ps: adamw(groups([0.05, 0.005], [0.02, 0.3])(ps))),
    "sgd-clipped": run(lambda ps: sgd(ps, lr=0.1, momentum=0.9), clip=0.5),
}, indent=1))
