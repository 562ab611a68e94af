/**
 * ⟨Ax, y⟩ = ⟨x, Aᵀy⟩ for every linear op, where Aᵀ is what the backward pass computes. On small integers both sides
 * are sums without rounding and must be equal; where weights are fractions, equal to 1e-12 of Σ|x||Aᵀy|.
 */
import { registerRef } from '@limbeck/backend-ref'
import {
  conv2d,
  polyphase,
  Random,
  resize,
  stripPool,
  type Tensor,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import {
  convolutionCase,
  fcParameters,
  fillValues,
  mapShape,
  resizeCase,
  seed,
  stockPoolWindow,
  stockWindow,
} from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

/** A linear map and the shape it takes. */
interface Linear {
  readonly shape: readonly number[]
  apply(x: Tensor): Tensor
}

const ROUNDING = 1e-12

const integers = (shape: readonly number[], random: Random): Tensor =>
  tf.tensor(fillValues('integers', shape, random), [...shape])

const product = (a: Tensor, b: Tensor): number => tf.sum(tf.mul(a, b)).dataSync()[0]!

function adjoint<C>(
  name: string,
  cases: fc.Arbitrary<C>,
  linear: (c: C, random: Random) => Linear,
  exact = true,
) {
  test(name, () => {
    const property = fc.property(cases, seed(), (c, dataSeed) => {
      tf.tidy(() => {
        const random = new Random(dataSeed)
        const { shape, apply } = linear(c, random)
        const x = integers(shape, random)
        const image = apply(x)
        const y = integers(image.shape, random)
        const { gradients } = valueAndGradients(
          () => ({ loss: tf.sum(tf.mul(apply(x), y)) as tf.Scalar }),
          [x],
        )
        const [left, right] = [product(image, y), product(x, gradients[0]!)]
        if (exact) {
          expect(right).toBe(left)
          return
        }
        // what was rounded, not what is left of it: either sum may cancel
        const terms = Math.max(product(tf.abs(image), tf.abs(y)), product(tf.abs(x), tf.abs(gradients[0]!)))
        expect(Math.abs(right - left)).toBeLessThanOrEqual(ROUNDING * terms)
      })
    })
    fc.assert(property, fcParameters({ runs: 40 }))
  })
}

adjoint(
  'convolution by its input, for every stride, padding, dilation and grouping',
  convolutionCase(),
  (c, random) => {
    const filter = integers(c.filterShape, random) as Tensor4D
    return { shape: c.inputShape, apply: (x) => conv2d(x as Tensor4D, filter, undefined, c.attrs) }
  },
)

adjoint('convolution by its filter', convolutionCase(), (c, random) => {
  const x = integers(c.inputShape, random) as Tensor4D
  return { shape: c.filterShape, apply: (filter) => conv2d(x, filter as Tensor4D, undefined, c.attrs) }
})

adjoint('the transposed convolution of tfjs', stockWindow, ({ inputShape, filterSize, attrs }, random) => {
  const filter = integers([...filterSize, inputShape[3], 2], random) as Tensor4D
  const { strides, pad, dilations, dimRoundingMode } = attrs
  const { outShape } = tf.backend_util.computeConv2DInfo(
    inputShape,
    filter.shape,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  )
  const backwards = (dy: Tensor) =>
    tf.engine().runKernel('Conv2DBackpropInput', { dy, filter }, { ...attrs, inputShape } as never) as Tensor
  return { shape: outShape, apply: backwards }
})

adjoint('depthwise convolution', stockWindow, ({ inputShape, filterSize, attrs }, random) => {
  const filter = integers([...filterSize, inputShape[3], 2], random)
  const apply = (x: Tensor) =>
    tf.engine().runKernel('DepthwiseConv2dNative', { x, filter }, attrs as never) as Tensor
  return { shape: inputShape, apply }
})

adjoint(
  'bilinear resizing, in every sampling',
  resizeCase(),
  ({ inputShape, size, alignCorners, halfPixelCenters }) => ({
    shape: inputShape,
    apply: (x) => tf.image.resizeBilinear(x as Tensor4D, [...size], alignCorners, halfPixelCenters),
  }),
  false,
)

adjoint(
  'nearest resizing, in every sampling',
  resizeCase(),
  ({ inputShape, size, alignCorners, halfPixelCenters }) => ({
    shape: inputShape,
    apply: (x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [...size], alignCorners, halfPixelCenters),
  }),
)

adjoint(
  'resize',
  fc.record({
    shape: mapShape(),
    size: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  }),
  ({ shape, size }) => ({ shape, apply: (x) => resize(x as Tensor4D, size) }),
  false,
)

adjoint(
  'average pooling',
  stockPoolWindow,
  ({ inputShape, filterSize, attrs: { strides, pad, dimRoundingMode } }) => ({
    shape: inputShape,
    apply: (x) => tf.avgPool(x as Tensor4D, filterSize, strides, pad, dimRoundingMode),
  }),
  false,
)

adjoint(
  'strip pooling',
  mapShape({ maxSide: 9 }),
  (shape) => {
    const scales = [1, 2, 3].filter((scale) => scale <= Math.min(shape[1], shape[2]))
    return { shape, apply: (x) => stripPool(x as Tensor4D, { scales }) }
  },
  false,
)

adjoint(
  'sums of polyphase parts',
  fc.record({ shape: mapShape(), pad: fc.constantFrom('replicate' as const, 'zero' as const) }),
  ({ shape, pad }) => ({
    shape,
    apply: (x) =>
      polyphase(x as Tensor4D, {
        pad,
        pairs: [
          [0, 3],
          [1, 2],
          [1, 1],
        ],
      }),
  }),
)

adjoint(
  'concatenation',
  fc.record({
    shape: mapShape(),
    axis: fc.nat(3),
    sizes: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  }),
  ({ shape, axis, sizes }) => {
    const others = sizes.map((size) => tf.zeros(shape.with(axis, size)))
    return { shape, apply: (x) => tf.concat([...others.slice(1), x, ...others.slice(0, 1), x], axis) }
  },
)
