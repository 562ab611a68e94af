/** Every layer in float64 against central differences: by its input and by each of its parameters. */
import { registerRef } from '@limbeck/backend-ref'
import {
  type LayerContext,
  type Mode,
  type Module,
  Random,
  resize,
  type Tensor,
  type Tensor4D,
  tf,
} from '@limbeck/core'
import { fcParameters, gradcheck, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, test } from 'vitest'
import { Aspp } from '../src/layers/aspp.ts'
import { AttentionGate } from '../src/layers/attention-gate.ts'
import { BatchNorm } from '../src/layers/batch-norm.ts'
import { ChannelAttention } from '../src/layers/channel-attention.ts'
import { Classifier } from '../src/layers/classifier.ts'
import { ConvNorm } from '../src/layers/conv-norm.ts'
import { ConvNormAct } from '../src/layers/conv-norm-act.ts'
import { ConvTranspose2d } from '../src/layers/conv-transpose2d.ts'
import { Conv2d } from '../src/layers/conv2d.ts'
import { type NormKind, normKinds } from '../src/layers/create-norm.ts'
import { DoubleConv } from '../src/layers/double-conv.ts'
import { Dropout } from '../src/layers/dropout.ts'
import { GridAttentionGate } from '../src/layers/grid-attention-gate.ts'
import { GroupNorm } from '../src/layers/group-norm.ts'
import { InvertedResidual } from '../src/layers/inverted-residual.ts'
import { maxPoolBy } from '../src/layers/max-pool-by.ts'
import { BasicBlock, Bottleneck } from '../src/layers/residual-block.ts'
import { SeparableConvNormAct } from '../src/layers/separable-conv-norm-act.ts'
import type { SkipGate } from '../src/layers/skip-gate.ts'
import { SpatialAttention } from '../src/layers/spatial-attention.ts'
import { TwinConv } from '../src/layers/twin-conv.ts'
import { Upsampling, type UpsamplingKind } from '../src/layers/upsampling.ts'
import { XceptionBlock } from '../src/layers/xception-block.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

type Size = readonly [batch: number, height: number, width: number, channels: number]
type MapLayer = Module & { forward(x: Tensor4D, context: LayerContext): Tensor4D }

/** A layer, and a call of it with maps of these sizes. */
interface Case {
  readonly layer: Module
  readonly inputs: readonly Size[]
  forward(maps: readonly Tensor4D[], context: LayerContext): Tensor4D
}

interface Draw {
  readonly random: Random
  readonly size: readonly [batch: number, height: number, width: number]
  readonly stride: number
  readonly dilation: number
  readonly norm: NormKind
}

/** With fewer values a channel, statistics leave next to nothing of the input's gradient. */
const MIN_PIXELS = 12

const draws = fc.record({
  size: fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 4 }),
  ),
  stride: fc.integer({ min: 1, max: 2 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom(...normKinds),
  mode: fc.constantFrom('train' as const, 'eval' as const, 'frozen-statistics' as const),
  dataSeed: seed(),
})

const onOneMap = (layer: MapLayer, channels: number, { size }: Draw): Case => ({
  layer,
  inputs: [[...size, channels]],
  forward: ([x], context) => layer.forward(x!, context),
})

const gate = (
  layer: Module & SkipGate,
  [skipChannels, signalChannels]: readonly [number, number],
  { size: [batch, height, width] }: Draw,
): Case => ({
  layer,
  inputs: [
    [batch, height, width, skipChannels],
    [batch, Math.ceil(height / 2), Math.ceil(width / 2), signalChannels],
  ],
  forward: ([skip, coarse], context) => {
    const raised = () => resize(coarse!, [height, width])
    return layer.forward(skip!, { coarse: coarse!, raised }, context)
  },
})

/** A split twin, whose branches differ. */
function twin({ random, ...draw }: Draw): Case {
  const conv = { inChannels: 2, outChannels: 3, kernelSize: 3, bias: true, random }
  const layer = new TwinConv(() => new ConvNorm(new Conv2d(conv), new BatchNorm(3)))
  layer.mixing = true
  layer.split()
  return onOneMap(layer, 2, { random, ...draw })
}

const pool: MapLayer = Object.assign(new Dropout(0), { forward: (x: Tensor4D) => maxPoolBy(x, 2) })

const layers: Readonly<Record<string, (draw: Draw) => Case>> = {
  Aspp: (draw) =>
    onOneMap(new Aspp({ inChannels: 2, outChannels: 2, rates: [1, 2], dropout: 0.25, ...draw }), 2, draw),
  AttentionGate: (draw) =>
    gate(new AttentionGate({ skipChannels: 3, signalChannels: 2, bias: true, ...draw }), [3, 2], draw),
  BatchNorm: (draw) => onOneMap(new BatchNorm(2), 2, draw),
  ChannelAttention: (draw) => onOneMap(new ChannelAttention({ channels: 3, ...draw }), 3, draw),
  Classifier: (draw) =>
    onOneMap(new Classifier({ inChannels: 2, classes: 3, kernelSize: 3, ...draw }), 2, draw),
  Conv2d: (draw) => onOneMap(new Conv2d({ ...convolution(draw), bias: true }), 2, draw),
  'Conv2d, depthwise': (draw) =>
    onOneMap(new Conv2d({ ...convolution(draw), groups: 2, bias: false }), 2, draw),
  ConvNormAct: (draw) => onOneMap(new ConvNormAct({ ...convolution(draw), norm: draw.norm }), 2, draw),
  'ConvNormAct, leaky': (draw) =>
    onOneMap(
      new ConvNormAct({ ...convolution(draw), norm: draw.norm, activation: { leaky: 0.01 } }),
      2,
      draw,
    ),
  ConvTranspose2d: ({ stride, ...draw }) =>
    onOneMap(
      new ConvTranspose2d({
        ...channels,
        kernelSize: 4,
        strides: stride,
        pad: 1,
        outputPad: stride - 1,
        bias: true,
        ...draw,
      }),
      2,
      { stride, ...draw },
    ),
  DoubleConv: (draw) => onOneMap(new DoubleConv({ ...channels, bias: false, ...draw }), 2, draw),
  Dropout: (draw) => onOneMap(new Dropout(0.5), 3, draw),
  GridAttentionGate: (draw) =>
    gate(
      new GridAttentionGate({ skipChannels: 2, signalChannels: 3, gating: true, bias: true, ...draw }),
      [2, 3],
      draw,
    ),
  GroupNorm: ({ size: [batch, height, width], ...draw }) =>
    onOneMap(new GroupNorm(4, 2), 4, { ...draw, size: [batch, height + 2, width + 2] }),
  InvertedResidual: (draw) => onOneMap(new InvertedResidual({ ...channels, expansion: 2, ...draw }), 2, draw),
  'InvertedResidual with a shortcut': (draw) =>
    onOneMap(
      new InvertedResidual({ inChannels: 2, outChannels: 2, expansion: 1, ...draw, stride: 1 }),
      2,
      draw,
    ),
  'ResidualBlock, basic': (draw) =>
    onOneMap(new BasicBlock({ inChannels: 2, width: 3, activation: 'relu', ...draw }), 2, draw),
  'ResidualBlock, bottleneck': (draw) =>
    onOneMap(new Bottleneck({ inChannels: 2, width: 1, activation: { leaky: 0.01 }, ...draw }), 2, draw),
  SeparableConvNormAct: (draw) =>
    onOneMap(new SeparableConvNormAct({ ...channels, bias: false, ...draw }), 2, draw),
  SpatialAttention: (draw) => onOneMap(new SpatialAttention(draw), 3, draw),
  TwinConv: twin,
  'Upsampling, bilinear': (draw) => upsampling('bilinear', draw),
  'Upsampling, nearest-conv': (draw) => upsampling('nearest-conv', draw),
  'Upsampling, transposed': (draw) => upsampling('transposed', draw),
  XceptionBlock: (draw) =>
    onOneMap(new XceptionBlock({ ...channels, convolutions: 2, growth: 'last', ...draw }), 2, draw),
  maxPoolBy: (draw) => onOneMap(pool, 2, draw),
}

const channels = { inChannels: 2, outChannels: 3 } as const

const convolution = ({ stride, dilation, random }: Draw) => ({
  inChannels: 2,
  outChannels: 4,
  kernelSize: 3,
  strides: stride,
  dilations: dilation,
  random,
})

function upsampling(kind: UpsamplingKind, { size, ...draw }: Draw): Case {
  const layer = new Upsampling({ kind, ...channels, bias: true, ...draw })
  const [batch, height, width] = size
  return {
    layer,
    inputs: [[batch, height, width, 2]],
    forward: ([x], context) => layer.forward(x!, [2 * height + 1, 2 * width - 1], context),
  }
}

test.each(Object.entries(layers))('%s', (_, build) => {
  const property = fc.property(draws, ({ dataSeed, kind, mode, ...rest }) => {
    const random = new Random(dataSeed)
    const [, height, width] = rest.size
    const enough = (height * width) / rest.stride ** 2 >= MIN_PIXELS
    const one = build({ ...rest, norm: enough ? kind : 'none', random })
    shake(one.layer, random)
    check(one, mode, random)
    one.layer.dispose()
  })
  fc.assert(property, fcParameters({ runs: 4, share: 0.2 }))
})

/** Gives norms something to do: random scales, offsets, means and variances in place of ones and zeros. */
function shake(layer: Module, random: Random): void {
  for (const [name, owned] of [...layer.parameters(), ...layer.buffers()]) {
    if (owned.shape.length > 1) continue
    const draw = () => (/weight|var/.test(name) ? random.uniform(0.5, 2) : random.normal())
    owned.assign(tf.tensor1d(Array.from({ length: owned.tensor.size }, draw)))
  }
}

function check({ layer, inputs, forward }: Case, mode: Mode, random: Random): void {
  const maps = inputs.map((shape) => ({ shape, values: normals(shape, random) }))
  const parameters = [...layer.parameters().values()] as { tensor: Tensor }[]
  const own = parameters.map(({ tensor }) => tensor)
  // the check's tensors take the place of the parameters, so that each of their entries is moved too
  const f = (...tensors: Tensor[]) => {
    for (const [i, parameter] of parameters.entries()) parameter.tensor = tensors[inputs.length + i]!
    return forward(tensors.slice(0, inputs.length) as Tensor4D[], { mode, random: new Random('layer') })
  }
  gradcheck(f, [...maps, ...own.map((x) => ({ shape: x.shape, values: x.dataSync() }))])
  for (const [i, parameter] of parameters.entries()) parameter.tensor = own[i]!
}

const normals = (shape: Size, random: Random): number[] =>
  Array.from({ length: shape.reduce((size, length) => size * length, 1) }, () => random.normal())
