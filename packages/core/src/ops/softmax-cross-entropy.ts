import { type CrossEntropyAttrs, SMALLEST_BASE } from '../backend/contract.ts'
import { detach } from '../engine.ts'
import { ConfigError, formatShape, ShapeError } from '../errors.ts'
import { IGNORE_LABEL } from '../plugin/dataset.ts'
import { type Tensor, type Tensor1D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'
import { foldScores, foldSums, groupNames, identityGroups, isIdentity } from './fold-channels.ts'
import { oneHotLabels } from './one-hot-labels.ts'

export interface SoftmaxCrossEntropyOptions extends Partial<CrossEntropyAttrs> {
  /** [C], by group index. Default: 1 for all. */
  readonly classWeights?: Tensor1D | undefined
}

/**
 * Cross-entropy of a softmax with labels, per pixel: plain, weighted, focal, smoothed, or with classes folded
 * together (`groups`), see `CrossEntropyAttrs`.
 *
 * `logits` [..., C], `labels` int32 [...] → `loss` [...] and `weight` [...], the class weight of each pixel, which
 * carries no gradient; both are 0 where the label is ignored. Stable for any finite logits.
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: SoftmaxCrossEntropyOptions = {},
): { readonly loss: Tensor; readonly weight: Tensor } {
  const {
    classWeights,
    groups = identityGroups(logits.shape.at(-1)!),
    ignoreLabel = IGNORE_LABEL,
    gamma = 0,
    smoothing = 0,
  } = options
  const attrs: CrossEntropyAttrs = { groups, ignoreLabel, gamma, smoothing }
  const [loss, weight] = softmaxCrossEntropyOp({ logits, labels, classWeights }, attrs)
  return { loss: loss!, weight: detach(weight!) }
}

interface Inputs {
  readonly [name: string]: Tensor | undefined
  readonly logits: Tensor
  readonly labels: Tensor
  readonly classWeights: Tensor1D | undefined
}

export const softmaxCrossEntropyOp = defineOp<Inputs, 'SegSoftmaxCrossEntropy'>({
  kernel: 'SegSoftmaxCrossEntropy',
  gradientKernels: ['SegSoftmaxCrossEntropyGrad'],
  check({ logits, labels, classWeights }, { groups, gamma, smoothing }) {
    const channels = logits.shape.at(-1)!
    if (labels.dtype !== 'int32' || formatShape(labels.shape) !== formatShape(logits.shape.slice(0, -1))) {
      throw new ShapeError('softmax-cross-entropy/labels', 'softmaxCrossEntropy: one label per pixel', {
        expected: `int32 ${formatShape(logits.shape.slice(0, -1))}`,
        received: `${labels.dtype} ${formatShape(labels.shape)}`,
      })
    }
    if (classWeights && formatShape(classWeights.shape) !== formatShape([channels])) {
      throw new ShapeError(
        'softmax-cross-entropy/class-weights',
        'softmaxCrossEntropy: one weight per class',
        {
          expected: formatShape([channels]),
          received: formatShape(classWeights.shape),
        },
      )
    }
    if (groups.length !== channels || groups.some((group) => group < 0 || group >= channels)) {
      throw new ShapeError('softmax-cross-entropy/groups', 'softmaxCrossEntropy: one group per class', {
        expected: `${channels} groups in 0…${channels - 1}`,
        received: formatShape(groups),
      })
    }
    if (smoothing > 0 && (gamma > 0 || !isIdentity(groups))) {
      throw new ConfigError(
        'softmax-cross-entropy/smoothing',
        'softmaxCrossEntropy: smoothing goes with neither gamma nor folded classes',
      )
    }
  },
  composite({ logits, labels, classWeights }, { groups, ignoreLabel, gamma, smoothing }) {
    const channels = groups.length
    const names = groupNames(groups)
    const logP = tf.logSoftmax(foldScores(logits, groups, names)) // [..., C] → [..., G]
    const target = foldSums(oneHotLabels(labels, channels, ignoreLabel), groups, names)
    const weights = classWeights && tf.concat(names.map((name) => tf.slice(classWeights, name, 1)))
    const weighted = weights ? tf.mul(target, weights) : target
    const weight = tf.sum(weighted, -1)

    const pixelTerm = tf.neg(tf.sum(tf.mul(weighted, logP), -1))
    if (smoothing > 0) {
      const valid = tf.sum(target, -1)
      const everyClass = tf.neg(tf.sum(weights ? tf.mul(logP, weights) : logP, -1))
      const spread = tf.div(tf.mul(tf.mul(valid, everyClass), smoothing), channels)
      return [tf.add(tf.mul(pixelTerm, 1 - smoothing), spread), weight]
    }
    if (gamma === 0) return [pixelTerm, weight]
    const missing = tf.neg(tf.expm1(tf.sum(tf.mul(target, logP), -1))) // 1 - p without cancellation
    const base = gamma < 1 ? tf.maximum(missing, SMALLEST_BASE) : missing
    return [tf.mul(tf.pow(base, gamma), pixelTerm), weight]
  },
  saves: ['logits', 'labels', 'classWeights'],
  gradient({ dys: [dy], inputs: { logits, labels, classWeights }, attrs }) {
    if (!dy) return {}
    return {
      logits: () => launch('SegSoftmaxCrossEntropyGrad', { dy, logits, labels, classWeights }, attrs)[0]!,
    }
  },
})
