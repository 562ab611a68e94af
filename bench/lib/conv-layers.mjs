// The rate of every distinct convolution of a U-Net on `simd`, in its three directions.
import { conv2d, launch, selectBackend, tf } from '@limbeck/core'
import { unetStep } from './unet-step.mjs'

/** GFLOP/s by layer, in the order of the network. */
export async function measureLayers(size) {
  await selectBackend({ argument: 'simd' })
  const rows = []
  for (const layer of await convolutionsOf(size))
    rows.push({ layer: nameOf(layer), ...(await ratesOf(layer)) })
  return { size, rows }
}

const nameOf = ({ x: [count, height, width, inputs], filter: [kernel, , , outputs] }) =>
  `${count}×${height}×${width}, ${inputs} → ${outputs}, ${kernel}×${kernel}`

/** Shapes of input and filter of each convolution of a forward pass, each once; seen at the kernel. */
async function convolutionsOf({ count, size, width }) {
  const { model, images } = unetStep({ count, size, width, depth: 4, classes: 3 })
  const kernel = tf.getKernel('SegConv2D', 'simd')
  const original = kernel.kernelFunc
  const layers = new Map()
  kernel.kernelFunc = (call) => {
    const layer = { x: call.inputs.x.shape, filter: call.inputs.filter.shape }
    layers.set(nameOf(layer), layer)
    return original(call)
  }
  tf.tidy(() => model.forward(images, { want: ['logits'], mode: 'eval' }))
  kernel.kernelFunc = original
  return layers.values()
}

async function ratesOf({ x: inputShape, filter: filterShape }) {
  const [count, height, width, inputs] = inputShape
  const [kernel, , , outputs] = filterShape
  const x = tf.randomNormal(inputShape, 0, 1, 'float32', 1)
  const filter = tf.randomNormal(filterShape, 0, 1, 'float32', 2)
  const dy = tf.randomNormal([count, height, width, outputs], 0, 1, 'float32', 3)
  const padding = (kernel - 1) / 2
  const attrs = { strides: [1, 1], pad: Array(4).fill(padding), dilations: [1, 1], groups: 1 }
  const gigaFlops = (2 * count * height * width * inputs * outputs * kernel * kernel) / 1e9
  const rate = async (run) => gigaFlops / (await fastest(run))
  const rates = {
    forward: await rate(() => conv2d(x, filter, undefined, { pad: padding })),
    gradInput: await rate(() => launch('SegConv2DGradInput', { dy, filter }, { ...attrs, inputShape })[0]),
    gradFilter: await rate(() => launch('SegConv2DGradFilter', { x, dy }, { ...attrs, filterShape })[0]),
  }
  tf.dispose([x, filter, dy])
  return rates
}

const TURNS = 4
const TURN_SECONDS = 0.05

/** Seconds of one launch, in the fastest of some turns of several, each waited for as a whole. */
async function fastest(run) {
  const turn = async (launches) => {
    const start = performance.now()
    for (let i = 1; i < launches; i++) run().dispose()
    const last = run()
    const one = tf.tidy(() => tf.slice(tf.reshape(last, [-1]), 0, 1))
    await one.data()
    tf.dispose([last, one])
    return (performance.now() - start) / 1000 / launches
  }
  await turn(1)
  const launches = Math.max(1, Math.round(TURN_SECONDS / (await turn(2))))
  const turns = []
  for (let i = 0; i < TURNS; i++) turns.push(await turn(launches))
  return Math.min(...turns)
}
