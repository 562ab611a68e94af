"""PyTorch twins of the segmentation networks. Each returns its tensors by tap name.

Names in state dicts are those of segmentation-models-pytorch (U-Net), torchvision (DeepLabv3) and VainF (DeepLabv3+)
where such code exists, else those of Limbeck. Dropout is left out everywhere: the comparison runs without.
"""

import torch
from torch import nn
from torch.nn import functional as F

from encoders import MobileNetV2, Separable, Xception, resnet
from layers import Aspp, DoubleConv, PlainEncoder, conv_bn, group_norm, linear_bn, to


class Up(nn.Module):
    def __init__(self, i, o, kind, norm=nn.BatchNorm2d):
        super().__init__()
        self.kind = kind
        self.channels = i if kind in ("bilinear", "nearest") else o
        if kind == "transposed":
            self.conv = nn.ConvTranspose2d(i, o, 2, 2)
        if kind == "transposed-4":
            self.conv = nn.ConvTranspose2d(i, o, 4, 2, 1)
        if kind == "nearest-conv":
            self.conv = conv_bn(i, o, norm=norm)

    def forward(self, x, like):
        if self.kind.startswith("transposed"):
            return to(self.conv(x), like)
        # nearest by pixel centres, which for whole factors is what PyTorch calls nearest
        x = to(x, like, "bilinear" if self.kind == "bilinear" else "nearest-exact")
        return self.conv(x) if self.kind == "nearest-conv" else x


class AttentionGate(nn.Module):
    def __init__(self, skip, signal):
        super().__init__()
        between = -(-skip // 2)
        self.W_g = linear_bn(signal, between)
        self.W_x = linear_bn(skip, between)
        self.psi = linear_bn(between, 1)

    def forward(self, skip, coarse, raised):
        return skip * torch.sigmoid(self.psi(F.relu(self.W_g(raised) + self.W_x(skip))))


class GridGate(nn.Module):
    def __init__(self, skip, signal, gating):
        super().__init__()
        between = -(-skip // 2)
        self.gating = conv_bn(signal, signal, 1) if gating else nn.Identity()
        self.theta = nn.Conv2d(skip, between, 2, 2, bias=False)
        self.phi = nn.Conv2d(signal, between, 1)
        self.psi = nn.Conv2d(between, 1, 1)
        self.W = linear_bn(skip, skip)

    def forward(self, skip, coarse, raised):
        theta = self.theta(skip)
        grid = torch.sigmoid(self.psi(F.relu(theta + to(self.phi(self.gating(coarse)), theta))))
        return self.W(skip * to(grid, skip))


class DecoderBlock(DoubleConv):
    def __init__(self, i, skip, o, kind, gate=None, conv=conv_bn, norm=nn.BatchNorm2d):
        up = Up(i, o, kind, norm)
        super().__init__(up.channels + skip, o, conv, **({} if norm is nn.BatchNorm2d else dict(norm=norm)))
        self.up = up
        self.gate = gate(skip, i, up.channels) if gate else None

    def forward(self, x, like, skip=None):
        raised = self.up(x, like)
        if skip is None:
            return super().forward(raised)
        gated = self.gate(skip, x, raised) if self.gate else skip
        return super().forward(torch.cat([raised, gated], 1))


class Unet(nn.Module):
    def __init__(self, encoder, widths, kind="bilinear", gates=None, head=1, classes=3, full_size=True, **style):
        super().__init__()
        self.encoder = encoder
        channels = encoder.channels
        skips = channels[-2::-1] + ([] if full_size else [0])
        inputs = [channels[-1], *widths]
        self.decoder = nn.Module()
        self.decoder.blocks = nn.ModuleList(
            DecoderBlock(inputs[n], skip, widths[n], kind, gates[n] if gates else None, **style)
            for n, skip in enumerate(skips)
        )
        self.segmentation_head = nn.Sequential(nn.Conv2d(widths[-1], classes, head, padding=head // 2))

    def forward(self, image):
        maps = self.encoder(image)
        x = maps[-1]
        for n, block in enumerate(self.decoder.blocks):
            skip = maps[-2 - n] if n < len(maps) - 1 else None
            x = block(x, image if skip is None else skip, skip)
        return {"bottleneck": maps[-1], "decoder": x, "logits": self.segmentation_head(x)}


def plain_unet(kind="bilinear", gates=None, norm=nn.BatchNorm2d, conv=conv_bn, width=4, depth=2):
    style = {} if norm is nn.BatchNorm2d else dict(norm=norm)
    encoder = PlainEncoder(width, depth, conv, **style)
    return Unet(encoder, encoder.channels[-2::-1], kind, gates, conv=conv, **style)


def smp_unet(encoder, scale):
    widths = [round(c * scale) for c in (256, 128, 64, 32, 16)]
    return Unet(encoder, widths, "nearest", head=3, full_size=False)


def separable_conv(i, o):
    conv = Separable(i, o) if i >= 8 else nn.Conv2d(i, o, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(o), nn.ReLU())


def numbered(logits):
    return {f"logits.{n}": map for n, map in enumerate(logits, 1)}


class UnetPlusPlus(nn.Module):
    def __init__(self, width=4, depth=3, classes=3):
        super().__init__()
        self.encoder = PlainEncoder(width, depth)
        c = self.encoder.channels
        self.decoder = nn.Module()
        self.decoder.nodes = nn.ModuleList(
            nn.ModuleList(DoubleConv(c[i + 1] + j * c[i], c[i]) for i in range(depth - j + 1))
            for j in range(1, depth + 1)
        )
        self.heads = nn.ModuleList(nn.Conv2d(width, classes, 1) for _ in range(depth))

    def forward(self, image):
        columns = [self.encoder(image)]
        for nodes in self.decoder.nodes:
            previous, earlier = columns[-1], list(columns)
            columns.append(
                [
                    node(torch.cat([to(previous[i + 1], earlier[0][i]), *(column[i] for column in earlier)], 1))
                    for i, node in enumerate(nodes)
                ]
            )
        logits = [head(column[0]) for head, column in zip(self.heads, columns[1:])]
        return {**numbered(logits), "logits": sum(logits) / len(logits)}


class Unet3Plus(nn.Module):
    def __init__(self, width=4, depth=3, classes=3):
        super().__init__()
        self.encoder = PlainEncoder(width, depth)
        c = list(self.encoder.channels)
        joint = (depth + 1) * width
        self.decoder = nn.Module()
        self.decoder.nodes = nn.ModuleList()
        for level in range(depth - 1, -1, -1):
            node = nn.Module()
            node.branches = nn.ModuleList(conv_bn(channels, width) for channels in c)
            node.fusion = conv_bn(joint, joint)
            self.decoder.nodes.append(node)
            c[level] = joint
        sources = [self.encoder.channels[-1]] + [joint] * depth
        self.heads = nn.ModuleList(nn.Conv2d(channels, classes, 3, padding=1) for channels in sources)
        self.presence = nn.Conv2d(sources[0], classes, 1)

    def forward(self, image):
        encoded = self.encoder(image)
        maps = list(encoded)
        headed = [encoded[-1]]
        for n, node in enumerate(self.decoder.nodes):
            level = len(maps) - 2 - n
            parts = []
            for i, branch in enumerate(node.branches):
                x = F.max_pool2d(maps[i], 2 ** (level - i)) if i < level else maps[i]
                parts.append(branch(to(x, encoded[level])))
            maps[level] = node.fusion(torch.cat(parts, 1))
            headed.append(maps[level])
        presence = self.presence(encoded[-1]).amax((2, 3), keepdim=True)
        logits = [to(head(x), image) + F.logsigmoid(presence) for head, x in zip(self.heads, headed)]
        return {"presence": presence, **numbered(logits), "logits": logits[-1]}


class DeepLabV3(nn.Module):
    def __init__(self, backbone, rates, width=8, classes=3):
        super().__init__()
        self.backbone = backbone
        aspp = Aspp(backbone.channels[-1], width, rates)
        conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.classifier = nn.Sequential(aspp, conv, nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, classes, 1))

    def forward(self, image):
        coarse = self.backbone(image)[-1]
        return {"bottleneck": coarse, "logits": to(self.classifier(coarse), image)}


class DeepLabV3Plus(nn.Module):
    def __init__(self, backbone, rates, width=8, low=6, classes=3):
        super().__init__()
        self.backbone = backbone
        self.classifier = nn.Module()
        self.classifier.project = conv_bn(backbone.channels[1], low, 1)
        self.classifier.aspp = Aspp(backbone.channels[-1], width, rates)
        self.classifier.classifier = nn.Sequential(*conv_bn(width + low, width), nn.Conv2d(width, classes, 1))

    def forward(self, image):
        maps = self.backbone(image)
        low = self.classifier.project(maps[1])
        aspp = self.classifier.aspp(maps[-1])
        logits = self.classifier.classifier(torch.cat([low, to(aspp, low)], 1))
        return {"aspp": aspp, "logits": to(logits, image)}


class AdditiveBlock(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        h = i // 2
        self.conv1 = twin(nn.Conv2d(i, h, 1), h)
        self.conv2 = twin(nn.ConvTranspose2d(h, h, 3, 2, 1, 1), h)
        self.conv3 = twin(nn.Conv2d(h, o, 1), o)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = F.leaky_relu(linear(conv, x), 0.01)
        return x


def twin(conv, channels=None):
    unit = nn.Module()
    unit.old = nn.Module()
    unit.old.conv = conv
    if channels:
        unit.old.norm = nn.BatchNorm2d(channels)
    return unit


def linear(unit, x):
    y = unit.old.conv(x)
    return unit.old.norm(y) if hasattr(unit.old, "norm") else y


class ParallelUnet(nn.Module):
    def __init__(self, encoder, classes=3):
        super().__init__()
        self.encoder = encoder
        f0, f1, f2, f3, deepest = encoder.channels
        self.decoder = nn.Module()
        self.decoder.enter = twin(nn.Conv2d(deepest, f3, 1))
        self.decoder.dec4 = AdditiveBlock(f3, f2)
        self.decoder.dec3 = AdditiveBlock(f2, f1)
        self.decoder.narrow = twin(nn.Conv2d(f1, f0, 1))
        self.decoder.dec2 = AdditiveBlock(f0, f0)
        self.decoder.dec1 = AdditiveBlock(f0, f0)
        self.classifier = nn.Conv2d(f0, classes, 1)

    def forward(self, image):
        d = self.decoder
        stem, x1, x2, x3, x4 = self.encoder(image)
        x0 = F.max_pool2d(stem, 3, 2, 1)
        lrelu = lambda x: F.leaky_relu(x, 0.01)
        d4 = to(d.dec4(lrelu(linear(d.enter, x4)) + x3), x2) + x2
        d3 = to(d.dec3(d4), x1) + x1
        d2 = d.dec2(lrelu(linear(d.narrow, d3)) + x0)
        decoder = lrelu(to(d.dec1(d2), image))
        return {"decoder": decoder, "logits": self.classifier(decoder)}


class ChannelAttention(nn.Module):
    def __init__(self, channels):
        super().__init__()
        between = max(1, channels // 16)
        self.fc1 = nn.Conv2d(channels, between, 1, bias=False)
        self.fc2 = nn.Conv2d(between, channels, 1, bias=False)

    def forward(self, x):
        score = lambda pooled: self.fc2(F.relu(self.fc1(pooled)))
        return x * torch.sigmoid(score(x.mean((2, 3), keepdim=True)) + score(x.amax((2, 3), keepdim=True)))


class SpatialAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 1, 7, padding=3, bias=False)

    def forward(self, x):
        return x * torch.sigmoid(self.conv1(torch.cat([x.mean(1, True), x.amax(1, True)], 1)))


class AttentionDecoder(nn.Module):
    def __init__(self, kind, low, width, classes):
        super().__init__()
        norm = lambda channels: nn.GroupNorm(4, channels)
        low_width = round(width * 48 / 256)
        attention = lambda channels: nn.Sequential(
            *([] if kind == "spatial" else [ChannelAttention(channels)]),
            *([] if kind == "channel" else [SpatialAttention()]),
        )
        self.low = conv_bn(low, low_width, 1, norm=norm)
        self.attention1 = attention(width + low_width)
        self.conv1 = nn.Sequential(nn.Conv2d(width + low_width, width, 3, padding=1, bias=False), norm(width))
        self.attention2 = attention(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.classifier = nn.Conv2d(width, classes, 1)

    def forward(self, low, pyramid):
        low = self.low(low)
        joint = torch.cat([low, to(pyramid, low, align_corners=True)], 1)
        y = F.relu(self.attention2(self.conv1(self.attention1(joint))))
        return self.classifier(F.relu(self.conv2(y)))


class Mtnet(nn.Module):
    def __init__(self, encoder, width=64, classes=3):
        super().__init__()
        self.encoder = encoder
        self.aspp = Aspp(encoder.channels[-1], width, [6, 12, 18], lambda channels: nn.GroupNorm(4, channels))
        kinds = ["both", "spatial", "channel"]
        self.decoders = nn.ModuleList(AttentionDecoder(kind, encoder.channels[1], width, classes) for kind in kinds)

    def train(self, mode=True):
        super().train(mode)
        self.encoder.eval()  # running statistics always
        return self

    def forward(self, image):
        maps = self.encoder(image)
        pyramid = self.aspp(maps[-1])
        logits = [to(decoder(maps[1], pyramid), image, align_corners=True) for decoder in self.decoders]
        return {"logits.spatial": logits[1], "logits.channel": logits[2], "logits": logits[0]}


def grid_gates(depth):
    gate = lambda n: lambda skip, coarse, raised: GridGate(skip, coarse, gating=n == 0)
    return [gate(n) for n in range(depth - 1)] + [None]


def lite_gates(depth):
    return [lambda skip, coarse, raised: AttentionGate(skip, raised)] * depth


LEAKY = nn.LeakyReLU(0.01)

# name → (image size, twin); the TypeScript side of the same name is in ../golden.test.ts
CASES = {
    "unet": ((13, 18), lambda: plain_unet()),
    "unet-transposed-group": ((13, 18), lambda: plain_unet("transposed", norm=group_norm, width=8)),
    "unet-transposed-4": ((12, 16), lambda: plain_unet("transposed-4")),
    "unet-resnet-18-smp": ((64, 64), lambda: smp_unet(resnet("resnet-18", width=8), 8 / 64)),
    "attention-unet-lite": ((13, 18), lambda: plain_unet("nearest-conv", gates=lite_gates(2))),
    "attention-unet-grid": ((16, 24), lambda: plain_unet(gates=grid_gates(2))),
    "unet-plus-plus": ((13, 18), lambda: UnetPlusPlus()),
    "unet-3-plus": ((21, 26), lambda: Unet3Plus()),
    "separable-unet": ((32, 32), lambda: plain_unet(conv=separable_conv, width=8, depth=4)),
    "deeplab-v3-resnet-50-os8": (
        (48, 40),
        lambda: DeepLabV3(resnet("resnet-50", width=4, output_stride=8), [12, 24, 36]),
    ),
    "deeplab-v3-plus-resnet-18-os16": (
        (48, 40),
        lambda: DeepLabV3Plus(resnet("resnet-18", width=4, output_stride=16), [6, 12, 18]),
    ),
    "deeplab-v3-plus-xception-os16": (
        (48, 40),
        lambda: DeepLabV3Plus(Xception(width=2, output_stride=16), [6, 12, 18]),
    ),
    "deeplab-v3-plus-mobilenet-v2-os8": (
        (48, 40),
        lambda: DeepLabV3Plus(MobileNetV2(width=4, output_stride=8), [12, 24, 36]),
    ),
    "parallel-unet": (
        (48, 40),
        lambda: ParallelUnet(resnet("resnet-18", width=4, output_stride=16, act=LEAKY)),
    ),
    "mtnet": ((48, 40), lambda: Mtnet(resnet("resnet-18", width=4, output_stride=16, dilated=False))),
}
