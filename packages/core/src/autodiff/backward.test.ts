import { registerRef } from '@limbeck/backend-ref'
import { detach, Random, tf, valueAndGradients, withoutTape } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { withOwnGradients } from '../gradients/install.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const normal = (shape: number[], seed: number): tf.Tensor => {
  const random = new Random(seed)
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
    shape,
  )
}

/** A small network with branches, a shared input and a skip, so that gradients meet. */
const network = (x: tf.Tensor, weights: readonly tf.Tensor[]): tf.Scalar => {
  const [w1, w2, b] = weights as [tf.Tensor4D, tf.Tensor4D, tf.Tensor1D]
  const h = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, w1, 1, 'same'), b))
  const deep = tf.conv2d(tf.maxPool(h as tf.Tensor4D, 2, 2, 'valid'), w2, 1, 'same')
  const up = tf.image.resizeBilinear(deep as tf.Tensor4D, [6, 6])
  return tf.mean(tf.square(tf.concat([up, tf.mul(h, tf.sigmoid(h))], 3)))
}

describe('valueAndGradients', () => {
  it('equals tf.variableGrads to the last bit', () => {
    const x = normal([2, 6, 6, 3], 1)
    const weights = [normal([3, 3, 3, 4], 2), normal([3, 3, 4, 4], 3), normal([4], 4)]
    const ours = valueAndGradients(() => ({ loss: network(x, weights) }), weights)

    const variables = weights.map((w, i) => tf.variable(w, true, `w${i}`))
    const stock = withOwnGradients(() => tf.variableGrads(() => network(x, variables), variables))

    expect(ours.value.loss.dataSync()).toEqual(stock.value.dataSync())
    variables.forEach((variable, i) => {
      expect(ours.gradients[i]!.dataSync(), variable.name).toEqual(stock.grads[variable.name]!.dataSync())
    })
    tf.disposeVariables()
  })

  it('needs less memory at its peak than tf.variableGrads', () => {
    const x = normal([2, 6, 6, 3], 1)
    const weights = [normal([3, 3, 3, 4], 2), normal([3, 3, 4, 4], 3), normal([4], 4)]
    const backend = tf.backend() as unknown as { stats: { peakBytes: number }; resetStats(): void }
    const peakOf = (run: () => unknown): number => {
      backend.resetStats()
      tf.tidy(() => {
        run()
      })
      return backend.stats.peakBytes
    }
    const variables = weights.map((w) => tf.variable(w))
    const stock = peakOf(() =>
      withOwnGradients(() => tf.variableGrads(() => network(x, variables), variables)),
    )
    const ours = peakOf(() => valueAndGradients(() => ({ loss: network(x, weights) }), weights))
    expect(ours).toBeLessThan(stock)
    tf.disposeVariables()
  })

  it('leaves nothing behind but what it returns', () => {
    const w = tf.keep(normal([3], 5))
    const before = tf.memory().numTensors
    const { value, gradients } = valueAndGradients(() => ({ loss: tf.sum(tf.square(w)) as tf.Scalar }), [w])
    expect(tf.memory().numTensors).toBe(before + 2)
    tf.dispose([value.loss, ...gradients.map((g) => g!)])
    expect(tf.memory().numTensors).toBe(before)
    w.dispose()
  })

  it('frees everything when the forward pass throws', () => {
    const w = tf.keep(normal([3], 5))
    const before = tf.memory().numTensors
    expect(() =>
      valueAndGradients(() => {
        tf.square(w)
        throw new Error('no')
      }, [w]),
    ).toThrow('no')
    expect(tf.memory().numTensors).toBe(before)
    w.dispose()
  })

  it('gives undefined for what the loss does not depend on', () => {
    const [a, b] = [normal([2], 6), normal([2], 7)]
    const { gradients } = valueAndGradients(() => ({ loss: tf.sum(a) as tf.Scalar }), [a, b])
    expect(gradients[0]!.dataSync()).toEqual(Float32Array.of(1, 1))
    expect(gradients[1]).toBeUndefined()
  })

  it('stops at detach and at withoutTape', () => {
    const a = tf.tensor1d([2, 3])
    const { gradients } = valueAndGradients(() => {
      const off = withoutTape(() => tf.mul(a, 10))
      return { loss: tf.sum(tf.add(tf.mul(detach(a), a), off)) as tf.Scalar }
    }, [a])
    expect([...gradients[0]!.dataSync()]).toEqual([2, 3])
  })

  it('adds up the gradients of a tensor that is used twice', () => {
    const a = tf.tensor1d([2, 3])
    const { gradients } = valueAndGradients(() => ({ loss: tf.sum(tf.mul(a, a)) as tf.Scalar }), [a])
    expect([...gradients[0]!.dataSync()]).toEqual([4, 6])
  })

  it('passes an optional input that was left out', () => {
    const x = normal([2, 3, 3, 2], 8) as tf.Tensor4D
    const [mean, variance] = [tf.zeros([2]), tf.ones([2])] as [tf.Tensor1D, tf.Tensor1D]
    const { gradients } = valueAndGradients(
      () => ({ loss: tf.sum(tf.batchNorm(x, mean, variance)) as tf.Scalar }),
      [x],
    )
    expect(gradients[0]!.dataSync()[0]).toBeCloseTo(1, 2)
  })

  it('refuses a loss that is not a scalar', () => {
    const a = tf.tensor1d([2, 3])
    expect(() => valueAndGradients(() => ({ loss: tf.square(a) as unknown as tf.Scalar }), [a])).toThrow(
      'the loss must be a scalar',
    )
  })
})
