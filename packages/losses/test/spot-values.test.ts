import { registerRef } from '@limbeck/backend-ref'
import {
  maxPool,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import {
  bootstrappedCrossEntropy,
  crossDecoderKd,
  crossEntropy,
  dice,
  ecStrip,
  ecStripLiteral,
  focal,
  focalKd,
  hintonKd,
  localPod,
  meanPredictionEntropy,
  narrowedKd,
  organMasks,
  pooledCubeChannel,
  pooledCubeSpatial,
  predictionEntropy,
  regionLogitKd,
  shrinkMask,
  sortedFeatureKl,
  tversky,
  unbiasedCrossEntropy,
  unbiasedKd,
} from '@limbeck/losses'
import { expect, it } from 'vitest'

registerRef()
await tf.setBackend('ref64')

/** Maps of 2 sin(a i + b), i the index in [N,C,H,W], as the official code was run on. */
function wave(a: number, b: number, [n, c, h, w]: readonly [number, number, number, number]): Tensor4D {
  const values = Array.from({ length: n * c * h * w }, (_, i) => 2 * Math.sin(a * i + b))
  return tf.transpose(tf.tensor4d(values, [n, c, h, w]), [0, 2, 3, 1])
}

const zs = wave(0.37, 0.1, [2, 5, 8, 8])
const zt = wave(0.53, 0.7, [2, 3, 8, 8])
const fa = wave(0.29, 0.3, [2, 3, 8, 8])
const labels = tf.tensor3d(
  Array.from({ length: 128 }, (_, i) => (i % 17 === 0 ? 255 : [0, 3, 4][i % 3]!)),
  [2, 8, 8],
  'int32',
) as Tensor3D
const channels = (z: Tensor4D, from: number, count: number): Tensor4D =>
  tf.slice(z, [0, 0, 0, from], [2, 8, 8, count])

const supervised = (z: Tensor4D) => ({ logits: z, labels })
const distilled = (z: Tensor4D) => ({ student: z, teacher: zt })
const feature = (z: Tensor4D) => ({ student: channels(z, 0, 3), teacher: fa })

/** methods.md, section D: value, sum of the absolute gradient, gradient at [0,0,0,1] in [N,C,H,W]. */
const rows: readonly [
  name: string,
  loss: (z: Tensor4D) => Tensor,
  value: number,
  sum: number,
  entry: number,
][] = [
  [
    'cross-entropy, all pixels',
    (z) => crossEntropy({ reduction: 'all' })(supervised(z)),
    2.308629,
    1.532257,
    0.001629,
  ],
  ['cross-entropy, valid pixels', (z) => crossEntropy()(supervised(z)), 2.462538, 1.634407, 0.001737],
  ['focal, MiB', (z) => focal({ reduction: 'all' })(supervised(z)), 1.969018, 1.629294, 0.001536],
  [
    'unbiased CE',
    (z) => unbiasedCrossEntropy({ oldClasses: 3, reduction: 'all' })(supervised(z)),
    1.748066,
    1.246833,
    0.001629,
  ],
  ['unbiased KD', (z) => unbiasedKd()(distilled(z)), 0.643806, 0.360213, 0.000068],
  ['narrowed KD', (z) => narrowedKd()(distilled(z)), 0.588871, 0.35805, 0.000003],
  [
    'Hinton KD, T = 10',
    (z) => hintonKd({ temperature: 10 })({ student: channels(z, 0, 3), teacher: zt }),
    1.760113,
    1.559873,
    -0.000168,
  ],
  [
    'Hinton KD, T = 1',
    (z) => hintonKd({ temperature: 1 })({ student: channels(z, 0, 3), teacher: zt }),
    1.172253,
    1.074151,
    0.000008,
  ],
  ['entropy', (z) => meanPredictionEntropy()({ decoders: [z] }), 0.650532, 0.355582, 0.000363],
  ['Dice', (z) => dice()(supervised(z)), 0.858293, 0.169696, 0.000436],
  ['Tversky', (z) => tversky()(supervised(z)), 0.873185, 0.151783, 0.000389],
  ['local POD', (z) => localPod()(feature(z)), 29.11325, 31.707854, -0.029702],
  ['local POD, scale 1', (z) => localPod({ scales: [1] })(feature(z)), 5.267724, 10.610123, -0.036888],
  ['EC-Strip', (z) => ecStrip()(feature(z)), 38.671063, 46.143486, -0.055869],
  ['EC-Strip, literal', (z) => ecStripLiteral()(feature(z)), 55.079532, 68.032067, -0.093424],
  ['focal KD, γ = 0', (z) => focalKd({ gamma: 0 })(distilled(z)), 1.931417, 1.080639, 0.000203],
  ['focal KD, γ = 1', (z) => focalKd({ gamma: 1 })(distilled(z)), 1.120954, 0.894747, 0.000036],
  ['focal KD, γ = 2', (z) => focalKd()(distilled(z)), 0.796812, 0.704759, 0.000005],
  [
    'online bootstrapping',
    (z) => bootstrappedCrossEntropy({ hardPixels: 16 })(supervised(z)),
    4.120948,
    1.966794,
    0,
  ],
  [
    'cross-decoder KD',
    (z) => crossDecoderKd()({ decoders: [0, 1, 2].map((c) => channels(z, c, 2)) }),
    2.211795,
    2.001093,
    0.005285,
  ],
  ['MS-KD, organs', (z) => regionLogitKd({ region: 'organs' })(organs(z)), 1.308251, 0.995517, 0.004509],
  ['MS-KD, background', (z) => regionLogitKd({ region: 'background' })(organs(z)), 0.273918, 0.249276, 0],
  ['PLOP entropy', (z) => tf.div(tf.mean(predictionEntropy(z)), 5), 0.130107, 0.071116, 0.000073],
  ['local POD, two layers', (z) => layers(localPod(), z, [0.01, 0.0005]), 0.267049, 0.306003, 0.000034],
  [
    'pooled cube, spatial',
    (z) => layers(pooledCubeSpatial(), z, [0.01, 0.0005]),
    0.031687,
    0.067503,
    -0.000034,
  ],
  [
    'pooled cube, channel',
    (z) => tf.mul(pooledCubeChannel()(feature(z)), (Math.sqrt(5 / 2) * (0.01 + 0.0005)) / 2),
    0.125036,
    0.20057,
    0.000316,
  ],
  ['MS-KD, features', (z) => sortedFeatureKl()(pooled(z)), 0.239003, 0.568232, 0.003616],
]

const organs = (z: Tensor4D) => ({
  student: channels(z, 0, 3),
  teachers: [wave(0.31, 0.2, [2, 2, 8, 8]), wave(0.47, 0.9, [2, 2, 8, 8])],
})

/** A feature and the logits, as PLOP and RCIL weigh them for 5 classes of which 2 are new. */
const layers = (
  loss: ReturnType<typeof localPod>,
  z: Tensor4D,
  [onFeature, onLogits]: readonly [number, number],
): Tensor => {
  const sum = tf.add(tf.mul(loss(feature(z)), onFeature), tf.mul(loss(distilled(z)), onLogits))
  return tf.mul(sum, Math.sqrt(5 / 2) / 2)
}

const pooled = (z: Tensor4D) => ({
  student: maxPool(channels(z, 0, 4), { size: 2 }),
  teacher: wave(0.23, 0.5, [2, 4, 4, 4]),
  mask: shrinkMask(organMasks(organs(z).teachers)[0] as Tensor3D, [4, 4]),
})

it.each(rows)('%s gives the value and the gradient of the official code', (_, loss, value, sum, entry) => {
  const result = valueAndGradients(() => ({ loss: loss(zs) as Scalar }), [zs])
  const gradient = Array.from(result.gradients[0]!.dataSync())
  expectPrinted(result.value.loss.dataSync()[0]!, value)
  expectPrinted(
    gradient.reduce((total, x) => total + Math.abs(x), 0),
    sum,
  )
  expectPrinted(gradient[5]!, entry) // pixel [0,1], channel 0 in NHWC
})

/** Equal to a number printed with six decimals, up to float32 literals (1e-5, 1/3) in the loss. */
function expectPrinted(actual: number, printed: number): void {
  expect(Math.abs(actual - printed)).toBeLessThan(6e-7 + 1e-6 * Math.abs(printed))
}
