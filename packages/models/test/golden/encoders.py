"""torchvision's ResNet and MobileNetV2 and the common port of Xception, of any width, returning all levels.

Written from the published architectures with torchvision's attribute names. Checked against torchvision's own
parameter counts at the published widths by `generate.py`.
"""

from torch import nn
from torch.nn import functional as F

from layers import conv_bn


class Residual(nn.Module):
    """BasicBlock (expansion 1) or Bottleneck (expansion 4)."""

    def __init__(self, i, width, stride, dilation, expansion, act):
        super().__init__()
        o = width * expansion
        spatial = dict(padding=dilation, dilation=dilation, bias=False)
        if expansion == 1:
            convs = [nn.Conv2d(i, width, 3, stride, **spatial), nn.Conv2d(width, o, 3, 1, **spatial)]
        else:
            convs = [
                nn.Conv2d(i, width, 1, bias=False),
                nn.Conv2d(width, width, 3, stride, **spatial),
                nn.Conv2d(width, o, 1, bias=False),
            ]
        for n, conv in enumerate(convs, 1):
            setattr(self, f"conv{n}", conv)
            setattr(self, f"bn{n}", nn.BatchNorm2d(conv.out_channels))
        self.depth = len(convs)
        self.act = act
        self.downsample = None
        if stride != 1 or i != o:
            self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o))

    def forward(self, x):
        y = x
        for n in range(1, self.depth + 1):
            y = getattr(self, f"bn{n}")(getattr(self, f"conv{n}")(y))
            y = self.act(y) if n < self.depth else y
        return self.act(y + (self.downsample(x) if self.downsample else x))


class ResNet(nn.Module):
    def __init__(self, blocks, expansion, width=64, output_stride=32, act=None, dilated=True):
        super().__init__()
        act = act or nn.ReLU()
        self.act = act
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.channels = [width]
        i, reached, dilation = width, 4, 1
        for stage, count in enumerate(blocks):
            stride = 1 if stage == 0 else 2
            previous = dilation
            if reached * stride > output_stride:
                dilation *= stride if dilated else 1
                stride = 1
            reached *= stride
            layer = []
            for n in range(count):
                first = (stride, previous) if n == 0 else (1, dilation)
                layer.append(Residual(i, width * 2**stage, *first, expansion, act))
                i = width * 2**stage * expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
            self.channels.append(i)

    def forward(self, x):
        maps = [self.act(self.bn1(self.conv1(x)))]
        x = F.max_pool2d(maps[0], 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
            maps.append(x)
        return maps


def resnet(name: str, **size) -> ResNet:
    expansion = 1 if name in ("resnet-18", "resnet-34") else 4
    blocks = {"resnet-18": [2, 2, 2, 2], "resnet-101": [3, 4, 23, 3]}.get(name, [3, 4, 6, 3])
    return ResNet(blocks, expansion, **size)


class InvertedResidual(nn.Module):
    def __init__(self, i, o, expansion, stride, dilation):
        super().__init__()
        hidden = i * expansion
        relu6 = nn.ReLU6()
        widen = [conv_bn(i, hidden, 1, relu6)] if expansion != 1 else []
        depthwise = conv_bn(hidden, hidden, 3, relu6, stride=stride, dilation=dilation, groups=hidden)
        self.conv = nn.Sequential(*widen, depthwise, nn.Conv2d(hidden, o, 1, bias=False), nn.BatchNorm2d(o))
        self.shortcut = stride == 1 and i == o

    def forward(self, x):
        return x + self.conv(x) if self.shortcut else self.conv(x)


class MobileNetV2(nn.Module):
    STAGES = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
    ENDS = [2, 4, 7, 14, 18]

    def __init__(self, width=32, output_stride=32):
        super().__init__()
        features = [conv_bn(3, width, 3, nn.ReLU6(), stride=2)]
        i, reached, dilation = width, 2, 1
        for expansion, channels, count, stride in self.STAGES:
            o = round(channels * width / 32)
            previous = dilation
            if reached * stride > output_stride:
                dilation *= stride
                stride = 1
            reached *= stride
            for n in range(count):
                features.append(InvertedResidual(i, o, expansion, *((stride, previous) if n == 0 else (1, dilation))))
                i = o
        self.features = nn.Sequential(*features)
        self.channels = [round(c * width / 32) for c in (16, 24, 32, 96, 320)]

    def forward(self, x):
        maps = []
        for n, layer in enumerate(self.features, 1):
            x = layer(x)
            if n in self.ENDS:
                maps.append(x)
        return maps


class Separable(nn.Module):
    def __init__(self, i, o, dilation=1, bias=False):
        super().__init__()
        self.conv1 = nn.Conv2d(i, i, 3, padding=dilation, dilation=dilation, groups=i, bias=False)
        self.pointwise = nn.Conv2d(i, o, 1, bias=bias)

    def forward(self, x):
        return self.pointwise(self.conv1(x))


class XceptionBlock(nn.Module):
    def __init__(self, i, o, convolutions, stride, dilation=1, relu_first=True, grow_first=True):
        super().__init__()
        steps = []
        for n in range(convolutions):
            grown = 0 if grow_first else convolutions - 1
            a, b = (i if n <= grown else o), (i if n < grown else o)
            steps += [nn.ReLU(), Separable(a, b, dilation), nn.BatchNorm2d(b)]
        self.rep = nn.Sequential(*(steps if relu_first else steps[1:]))
        self.stride = stride
        self.skip = None
        if stride != 1 or i != o:
            self.skip = nn.Conv2d(i, o, 1, stride, bias=False)
            self.skipbn = nn.BatchNorm2d(o)

    def forward(self, x):
        y = self.rep(x)
        y = F.max_pool2d(y, 3, self.stride, 1) if self.stride != 1 else y
        return y + (self.skipbn(self.skip(x)) if self.skip else x)


class Xception(nn.Module):
    """With both stem convolutions padded; output strides 32 and 16."""

    def __init__(self, width=32, output_stride=32):
        super().__init__()
        c = lambda channels: round(channels * width / 32)
        self.conv1 = nn.Conv2d(3, width, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, c(64), 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c(64))
        self.block1 = XceptionBlock(c(64), c(128), 2, 2, relu_first=False)
        self.block2 = XceptionBlock(c(128), c(256), 2, 2)
        self.block3 = XceptionBlock(c(256), c(728), 2, 2)
        for n in range(4, 12):
            setattr(self, f"block{n}", XceptionBlock(c(728), c(728), 3, 1))
        stride, dilation = (2, 1) if output_stride == 32 else (1, 2)
        self.block12 = XceptionBlock(c(728), c(1024), 2, stride, dilation, grow_first=False)
        self.conv3 = Separable(c(1024), c(1536), dilation)
        self.bn3 = nn.BatchNorm2d(c(1536))
        self.conv4 = Separable(c(1536), c(2048), dilation)
        self.channels = [c(64), c(128), c(256), c(728), c(2048)]

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        maps = [x]
        for n in range(1, 12):
            x = getattr(self, f"block{n}")(x)
            if n in (1, 2, 11):
                maps.append(x)
        x = F.relu(self.bn3(self.conv3(self.block12(x))))
        return [*maps, self.conv4(x)]
