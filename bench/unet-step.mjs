// A warm training step of a small U-Net on `ref`, beside stock tfjs ops on tfjs-backend-cpu in the same run, and the
// rate of convolution in its three directions. `--json` prints one object; `--stock-steps N` (default 1).
import { registerRef } from '@limbeck/backend-ref'
import { conv2d, launch, tf } from '@limbeck/core'
import { stockStep } from './lib/stock-step.mjs'
import { median, printTable, time } from './lib/timing.mjs'
import { unetStep } from './lib/unet-step.mjs'

const setting = { count: 2, size: 64, width: 8, depth: 3, classes: 5 }

export async function bench(args) {
  const stockSteps = Number(args[args.indexOf('--stock-steps') + 1] || 1)
  registerRef()
  await tf.setBackend('ref')
  const step = ownStep()
  const before = time(3, step.run)
  const stock = await stockStep({ ...setting, steps: args.includes('--stock-steps') ? stockSteps : 1 })
  const after = time(3, step.run)
  const own = median([...before, ...after])
  const result = {
    setting,
    megaMacsForward: step.megaMacs,
    stockSeconds: median(stock),
    refSeconds: own,
    timesFaster: median(stock) / own,
    uploadsPerWarmStep: step.uploads,
    readbacksPerWarmStep: step.readbacks,
    convolution: directions.map(({ name, shape }) => ({ layer: name, ...rates(shape) })),
  }
  if (args.includes('--json')) {
    console.log(JSON.stringify(result, null, 2))
    return
  }
  printTable([
    {
      'warm U-Net step': 'stock ops, tfjs-backend-cpu',
      seconds: result.stockSeconds.toFixed(3),
      ratio: '1.0',
    },
    { 'warm U-Net step': 'Limbeck, ref', seconds: own.toFixed(3), ratio: result.timesFaster.toFixed(1) },
  ])
  console.log()
  printTable(
    result.convolution.map(({ layer, ...rate }) => ({
      'convolution on ref, GMAC/s': layer,
      forward: rate.forward.toFixed(2),
      'input gradient': rate.gradInput.toFixed(2),
      'filter gradient': rate.gradFilter.toFixed(2),
    })),
  )
}

/** The step of our own, and what a warm one moves between host and device. */
function ownStep() {
  const { model, images, run } = unetStep(setting)
  run()
  const backend = tf.backend()
  backend.resetStats()
  run()
  const { uploads, readbacks } = backend.stats
  return { run, uploads, readbacks, megaMacs: macsOf(model, images) / 1e6 }
}

/** Multiply-adds of a forward pass, counted at the kernels. */
function macsOf(model, images) {
  const kernel = tf.getKernel('SegConv2D', 'ref')
  const original = kernel.kernelFunc
  let macs = 0
  kernel.kernelFunc = (call) => {
    const y = original(call)
    const [h, w, perGroup] = call.inputs.filter.shape
    macs += y.shape.reduce((a, b) => a * b, 1) * h * w * perGroup
    return y
  }
  tf.tidy(() => model.forward(images, { want: ['logits'], mode: 'eval' }))
  kernel.kernelFunc = original
  return macs
}

const directions = [
  { name: '2×64×64, 8 → 8', shape: [2, 64, 64, 8, 8] },
  { name: '2×64×64, 24 → 8', shape: [2, 64, 64, 24, 8] },
  { name: '2×32×32, 16 → 16', shape: [2, 32, 32, 16, 16] },
  { name: '2×16×16, 32 → 32', shape: [2, 16, 16, 32, 32] },
  { name: '2×8×8, 64 → 64', shape: [2, 8, 8, 64, 64] },
]

/** GMAC/s of a 3×3 convolution forward and of its two gradients. */
function rates([count, height, width, inputs, outputs]) {
  const x = tf.randomNormal([count, height, width, inputs], 0, 1, 'float32', 1)
  const filter = tf.randomNormal([3, 3, inputs, outputs], 0, 1, 'float32', 2)
  const dy = tf.randomNormal([count, height, width, outputs], 0, 1, 'float32', 3)
  const attrs = { strides: [1, 1], pad: [1, 1, 1, 1], dilations: [1, 1], groups: 1 }
  const gigaMacs = (count * height * width * inputs * outputs * 9) / 1e9
  const rate = (run) => gigaMacs / median(time(15, () => tf.tidy(run)))
  const measured = {
    forward: rate(() => conv2d(x, filter, undefined, { pad: 1 })),
    gradInput: rate(() => launch('SegConv2DGradInput', { dy, filter }, { ...attrs, inputShape: x.shape })[0]),
    gradFilter: rate(
      () => launch('SegConv2DGradFilter', { x, dy }, { ...attrs, filterShape: filter.shape })[0],
    ),
  }
  tf.dispose([x, filter, dy])
  return measured
}
