// Kernels whose time is that of the memory they move, by name; `device_worker.py` has each in PyTorch under the same name.
import { launch, tf } from '@limbeck/core'
import { timeTurns } from './device-turns.mjs'
import { mapLikeConvolved, noise } from './noise.mjs'

const pool = { filterSize: [2, 2], strides: [2, 2], pad: [0, 0, 0, 0] }
const normalised = { epsilon: 1e-5, relu: true }
const strips = { scales: [1, 2, 4], square: false }
const identity = ([, , , channels]) => Array.from({ length: channels }, (_, i) => i)
const crossEntropy = (shape) => ({ groups: identity(shape), ignoreLabel: 255, gamma: 0, smoothing: 0 })
const divergence = (shape) => ({
  groups: identity(shape),
  temperature: 2,
  teacherScale: 1,
  form: 'kl',
  modulator: 'none',
  gamma: 0,
  detachModulator: false,
})

const halved = ([count, height, width, channels]) => [count, height / 2, width / 2, channels]
const pixelsOf = (shape) => shape.slice(0, 3)
const map = mapLikeConvolved
const affine = ([, , , channels]) => ({ scale: noise([channels], 4), offset: noise([channels], 5) })
const labels = (shape) =>
  tf.tidy(() => {
    const position = tf.range(0, tf.util.sizeFromShape(pixelsOf(shape)), 1, 'int32')
    return tf.reshape(tf.mod(position, tf.scalar(shape[3], 'int32')), pixelsOf(shape))
  })

/** All outputs of a launch but the first. */
function besidesFirst(kernel, inputs, attrs) {
  const [first, ...others] = launch(kernel, inputs, attrs)
  first.dispose()
  return others
}

/** `inputs` for maps of a shape [N,H,W,C], which are there throughout, and what is launched with them. */
const cases = {
  copy: {
    inputs: (shape) => ({ x: map(shape, 1) }),
    run: (inputs) => launch('SegCopy', inputs, {}),
  },
  ReLU: {
    inputs: (shape) => ({ x: map(shape, 1) }),
    run: ({ x }) => tf.relu(x),
  },
  add: {
    inputs: (shape) => ({ x: map(shape, 1), y: map(shape, 2) }),
    run: ({ x, y }) => tf.add(x, y),
  },
  'batch norm + ReLU': {
    inputs: (shape) => ({ x: map(shape, 1), ...affine(shape) }),
    run: (inputs) => launch('SegBatchNormTrain', inputs, normalised),
  },
  'batch norm + ReLU, gradient': {
    inputs(shape) {
      const forward = { x: map(shape, 1), ...affine(shape) }
      const [mean, variance] = besidesFirst('SegBatchNormTrain', forward, normalised)
      return { dy: map(shape, 2), ...forward, mean, variance }
    },
    run: (inputs) => launch('SegBatchNormTrainGrad', inputs, normalised),
  },
  'max pool': {
    inputs: (shape) => ({ x: map(shape, 1) }),
    run: (inputs) => launch('SegMaxPool', inputs, pool),
  },
  'max pool, gradient': {
    inputs(shape) {
      const [index] = tf.tidy(() => besidesFirst('SegMaxPool', { x: map(shape, 1) }, pool))
      return { dy: map(halved(shape), 2), index }
    },
    run: (inputs, shape) => launch('SegMaxPoolGrad', inputs, { ...pool, inputShape: shape }),
  },
  'bilinear × 2': {
    inputs: (shape) => ({ x: map(halved(shape), 1) }),
    run: ({ x }, [, height, width]) => tf.image.resizeBilinear(x, [height, width], false, true),
  },
  'bilinear × 2, gradient': {
    inputs: (shape) => ({ dy: map(shape, 1) }),
    run: (inputs, shape) =>
      launch('SegResizeBilinearGrad', inputs, {
        inputShape: halved(shape),
        alignCorners: false,
        halfPixelCenters: true,
      }),
  },
  'strip pool': {
    inputs: (shape) => ({ x: map(shape, 1) }),
    run: (inputs) => launch('SegStripPool', inputs, strips),
  },
  'strip pool, gradient': {
    inputs(shape) {
      const x = map(shape, 1)
      const [pooled] = launch('SegStripPool', { x }, strips)
      pooled.dispose()
      return { dy: noise(pooled.shape, 2), x }
    },
    run: (inputs) => launch('SegStripPoolGrad', inputs, strips),
  },
  KL: {
    inputs: (shape) => ({ student: map(shape, 1), teacher: map(shape, 2) }),
    run: (inputs, shape) => launch('SegSoftmaxDivergence', inputs, divergence(shape)),
  },
  'KL, gradient': {
    inputs: (shape) => ({ dy: noise(pixelsOf(shape), 3), student: map(shape, 1), teacher: map(shape, 2) }),
    run: (inputs, shape) => launch('SegSoftmaxDivergenceGrad', inputs, divergence(shape)),
  },
  'cross entropy': {
    inputs: (shape) => ({ logits: map(shape, 1), labels: labels(shape) }),
    run: (inputs, shape) => launch('SegSoftmaxCrossEntropy', inputs, crossEntropy(shape)),
  },
  'cross entropy, gradient': {
    inputs: (shape) => ({ dy: noise(pixelsOf(shape), 3), logits: map(shape, 1), labels: labels(shape) }),
    run: (inputs, shape) => launch('SegSoftmaxCrossEntropyGrad', inputs, crossEntropy(shape)),
  },
  'top-k of pixels': {
    inputs: ([count, height, width]) => ({ x: noise([count, height * width], 1) }),
    run: ({ x }) => Object.values(tf.topk(x, x.shape[1] / 16)),
  },
}

/** What `timeTurns` says, and the bytes that are moved at least: each input read once, each output written once. */
export async function timeMemoryBound({ name, shape }, seconds) {
  const { inputs: make, run } = cases[name]
  const held = () => tf.backend().memory().liveBytes
  const before = held()
  const inputs = make(shape)
  const outputs = run(inputs, shape)
  const bytes = held() - before
  tf.dispose(outputs)
  const times = await timeTurns(() => run(inputs, shape), seconds)
  tf.dispose(inputs)
  return { bytes, ...times }
}
