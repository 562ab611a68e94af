// Every distinct convolution of the U-Net, and its rate in three directions on the active backend.
import { conv2d, launch, tf } from '@limbeck/core'
import { timeTurns } from './device-turns.mjs'
import { mapLikeConvolved, noise } from './noise.mjs'
import { unetStep } from './unet-step.mjs'

/** `2×64×64, 3 → 32, 3×3`. */
export const layerName = ({ x: [count, height, width, inputs], filter: [kernel, , , outputs] }) =>
  `${count}×${height}×${width}, ${inputs} → ${outputs}, ${kernel}×${kernel}`

/** Shapes of input and filter of each convolution of the network `unetStep` trains, each once; seen at the kernel. */
export function convolutionsOf(setting) {
  const { model, images, dispose } = unetStep(setting)
  const kernel = tf.getKernel('SegConv2D', tf.getBackend())
  const original = kernel.kernelFunc
  const layers = new Map()
  kernel.kernelFunc = (call) => {
    const layer = { x: call.inputs.x.shape, filter: call.inputs.filter.shape }
    layers.set(layerName(layer), layer)
    return original(call)
  }
  tf.tidy(() => model.forward(images, { want: ['logits'], mode: 'eval' }))
  kernel.kernelFunc = original
  dispose()
  return [...layers.values()]
}

export function gigaFlopsOf({ x: [count, height, width], filter: [kernel, , inputs, outputs] }) {
  return (2 * count * height * width * inputs * outputs * kernel * kernel) / 1e9
}

/** What `timeTurns` says of each direction. */
export async function timeDirections({ x: inputShape, filter: filterShape }, seconds) {
  const [count, height, width] = inputShape
  const [kernel, , , outputs] = filterShape
  const x = mapLikeConvolved(inputShape, 1)
  const filter = noise(filterShape, 2)
  const dy = mapLikeConvolved([count, height, width, outputs], 3)
  const padding = (kernel - 1) / 2
  const attrs = { strides: [1, 1], pad: Array(4).fill(padding), dilations: [1, 1], groups: 1 }
  const runs = {
    forward: () => conv2d(x, filter, undefined, { pad: padding }),
    gradInput: () => launch('SegConv2DGradInput', { dy, filter }, { ...attrs, inputShape }),
    gradFilter: () => launch('SegConv2DGradFilter', { x, dy }, { ...attrs, filterShape }),
  }
  const times = {}
  for (const [direction, run] of Object.entries(runs)) times[direction] = await timeTurns(run, seconds)
  tf.dispose([x, filter, dy])
  return times
}
