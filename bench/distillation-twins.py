"""The study of docs/distillation.md with the PyTorch twins of Limbeck's networks: a U-Net teaches a student.

    python -B bench/distillation-twins.py WBC OUT        (PyTorch 2.13 with safetensors, CPU)

WBC is the folder of the data set. The teacher trains on all images of the training split, or is read from
OUT/teacher.safetensors; the students train on the first few alone. Writes OUT/<model>.safetensors, which
`limbeck import` reads, and prints a line of JSON a model. The recipe is that of examples/wbc-*.yaml: AdamW,
poly, crops, flips, quarter turns, cross-entropy, and for the distilled student Hinton's divergence (T = 4, mean
over pixels).
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[1] / "packages/models/test/golden"))
from encoders import resnet  # noqa: E402
from networks import plain_unet, separable_conv, smp_unet  # noqa: E402

CLASSES = 3
CROP = 96
BATCH = 8
TEMPERATURE = 4.0
TEACHER_WIDTH = 52
STUDENT_WIDTH = 22


def teacher() -> nn.Module:
    return smp_unet(resnet("resnet-18", width=TEACHER_WIDTH), TEACHER_WIDTH / 64)


def student() -> nn.Module:
    return plain_unet(conv=separable_conv, width=STUDENT_WIDTH, depth=4)


def initialise(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def load(root: Path, split: str):
    ids = json.loads((root / "splits.json").read_text())[split]
    for name in ids:
        image = np.asarray(Image.open(root / "images" / f"{name}.png").convert("RGB"), np.float32) / 255
        yield (image - 0.5) * 4, np.asarray(Image.open(root / "masks" / f"{name}.png"), np.int64)


def drawn(samples, rng: np.random.Generator):
    """One epoch of batches: random crops (mirrored where an image is smaller), flips, quarter turns."""
    order = rng.permutation(len(samples))
    for at in range(0, len(order) - BATCH + 1, BATCH):
        images, labels = [], []
        for index in order[at : at + BATCH]:
            image, mask = samples[index]
            rows, columns = (max(0, CROP - side) for side in mask.shape)
            image = np.pad(image, ((0, rows), (0, columns), (0, 0)), "reflect")
            mask = np.pad(mask, ((0, rows), (0, columns)), constant_values=255)
            top, left = (rng.integers(side - CROP + 1) for side in mask.shape)
            image, mask = (x[top : top + CROP, left : left + CROP] for x in (image, mask))
            turns, mirrored = rng.integers(4), rng.integers(2)
            image, mask = (np.rot90(x[:, ::-1] if mirrored else x, turns) for x in (image, mask))
            images.append(torch.from_numpy(image.transpose(2, 0, 1).copy()))
            labels.append(torch.from_numpy(mask.copy()))
        yield torch.stack(images), torch.stack(labels)


def train(network: nn.Module, samples, rate: float, epochs: int, seed: int, guide: nn.Module | None = None):
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=1e-4)
    steps = epochs * (len(samples) // BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / steps) ** 0.9)
    network.train()
    for _ in range(epochs):
        for images, labels in drawn(samples, rng):
            logits = network(images)["logits"]
            loss = F.cross_entropy(logits, labels, ignore_index=255)
            if guide is not None:
                with torch.no_grad():
                    target = F.log_softmax(guide(images)["logits"] / TEMPERATURE, 1)
                own = F.log_softmax(logits / TEMPERATURE, 1)
                divergence = F.kl_div(own, target, log_target=True, reduction="none").sum(1).mean()
                loss = loss + TEMPERATURE**2 * divergence
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    network.eval()


@torch.no_grad()
def iou(network: nn.Module, samples) -> list[float]:
    counts = np.zeros((CLASSES, CLASSES), np.int64)
    for image, mask in samples:
        logits = network(torch.from_numpy(image.transpose(2, 0, 1).copy())[None])["logits"]
        pairs = mask.ravel() * CLASSES + logits.argmax(1).numpy().ravel()
        counts += np.bincount(pairs, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    hit = counts.diagonal()
    return (hit / (counts.sum(0) + counts.sum(1) - hit)).tolist()


def save(network: nn.Module, path: Path) -> None:
    """Counters of batches are left out, as in any checkpoint of Limbeck."""
    save_file({k: v.contiguous() for k, v in network.state_dict().items() if v.is_floating_point()}, path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--images", type=int, default=40, help="for the students")
    parser.add_argument("--epochs", type=int, default=30, help="of the students")
    parser.add_argument("--teacher-epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    everything, test = list(load(args.data, "train")), list(load(args.data, "test"))
    few = everything[: args.images]

    def report(name: str, network: nn.Module, **more) -> None:
        scores = iou(network, test)
        count = sum(p.numel() for p in network.parameters())
        line = dict(model=name, parameters=count, iou=scores, miou=sum(scores) / CLASSES, **more)
        print(json.dumps(line), flush=True)

    def study(name: str, seed: int, guide: nn.Module | None = None) -> None:
        torch.manual_seed(seed)
        network = student()
        initialise(network)
        begun = time.process_time()
        train(network, few, 3e-3, args.epochs, seed, guide)
        report(name, network, seed=seed, cpuSeconds=round(time.process_time() - begun))
        save(network, args.out / f"{name}-{seed}.safetensors")

    guide, file = teacher(), args.out / "teacher.safetensors"
    if file.exists():
        guide.load_state_dict(load_file(file), strict=False)
        guide.eval()
    else:
        torch.manual_seed(0)
        initialise(guide)
        train(guide, everything, 1e-3, args.teacher_epochs, 0)
        save(guide, file)
    report("teacher", guide)
    for seed in range(args.seeds):
        study("student-alone", seed)
        study("student-distilled", seed, guide)


if __name__ == "__main__":
    main()
