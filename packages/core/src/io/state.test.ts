import { registerRef } from '@limbeck/backend-ref'
import { Buffer, loadState, Module, Parameter, readState, type StoredTensor, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

class Layer extends Module {
  // height 1, width 2, in 3, out 4
  readonly weight = new Parameter(
    tf.tidy(() => tf.reshape(tf.range(0, 24), [1, 2, 3, 4])),
    'filter',
  )
  readonly running_mean = new Buffer(tf.zeros([4]))
}

class Network extends Module {
  readonly stages = [new Layer(), new Layer()]
  readonly head = { ignored: true }
}

const stored = (shape: number[], fill: (i: number) => number): StoredTensor => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => fill(i)),
})

describe('module state', () => {
  it('has dotted names, in order of declaration, and counts parameters without buffers', () => {
    const network = new Network()
    expect([...network.parameters().keys()]).toEqual(['stages.0.weight', 'stages.1.weight'])
    expect([...network.buffers().keys()]).toEqual(['stages.0.running_mean', 'stages.1.running_mean'])
    expect(network.parameterCount()).toBe(48)
  })

  it("is written in PyTorch's layout, OIHW", async () => {
    const state = await readState(new Network())
    const weight = state.get('stages.0.weight')!
    expect(weight.shape).toEqual([4, 3, 1, 2])
    // out 0, in 0: the two columns lie 12 apart in HWIO
    expect([...weight.data.slice(0, 4)]).toEqual([0, 12, 4, 16])
  })

  it('survives a round trip without a changed bit', async () => {
    const [from, to] = [new Network(), new Network()]
    from.stages[0]!.weight.assign(tf.randomNormal([1, 2, 3, 4], 0, 1, 'float32', 3))
    loadState(to, await readState(from))
    expect(await readState(to)).toEqual(await readState(from))
  })

  it('lists all that does not fit, and then loads nothing', async () => {
    const network = new Network()
    const before = await readState(network)
    const wrong = new Map(before)
    wrong.delete('stages.1.running_mean')
    wrong.set(
      'head.bias',
      stored([4], () => 1),
    )
    wrong.set(
      'stages.1.weight',
      stored([4, 3, 2, 1], () => 1),
    )
    wrong.set(
      'stages.0.weight',
      stored([4, 3, 1, 2], () => 7),
    )
    expect(() => loadState(network, wrong, { from: 'unet.safetensors' })).toThrowErrorMatchingInlineSnapshot(`
      [FormatError: unet.safetensors: the weights do not fit the model
        missing     stages.1.running_mean
        unexpected  head.bias
        other shape stages.1.weight: expected [4, 3, 1, 2], received [4, 3, 2, 1]]
    `)
    expect(await readState(network)).toEqual(before)
  })

  it('loads what is there when not strict, and says what was not', async () => {
    const network = new Network()
    const report = loadState(network, new Map([['stages.0.running_mean', stored([4], (i) => i)]]), {
      strict: false,
    })
    expect(report.loaded).toEqual(['stages.0.running_mean'])
    expect(report.missing).toHaveLength(3)
    expect([...network.stages[0]!.running_mean.tensor.dataSync()]).toEqual([0, 1, 2, 3])
  })

  it('keeps the identity of a parameter and frees the value it had', () => {
    const network = new Network()
    const { tensor } = network.stages[0]!.weight
    const before = tf.memory()
    network.stages[0]!.weight.assign(tf.ones([1, 2, 3, 4]))
    expect(network.stages[0]!.weight.tensor).toBe(tensor)
    expect(tensor.dataSync()[5]).toBe(1)
    expect(tf.memory().numTensors).toBe(before.numTensors)
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
    network.dispose()
  })
})
