import { defineLoss, logits, pixels, tf } from '@limbeck/core'
import { binaryCrossEntropy } from '../binary-cross-entropy.ts'
import { foldNewClasses } from '../derivations/fold-new-classes.ts'
import { divergenceReduction, reduceDivergence } from './divergence-reduction.ts'

/**
 * Distillation of networks with one sigmoid per class: per pixel `1/K Σ_{c < K} BCE(z[c], σ(t[c]))` over the old
 * classes. Student [B,H,W,C], teacher [B,H,W,K], K ≤ C. The distilling half of LwF-MC, whose code weighs it with
 * 10 K.
 */
export const sigmoidKd = defineLoss({
  name: 'sigmoid-kd',
  summary: "Binary cross-entropy of old classes with the teacher's sigmoid (LwF-MC).",
  paper: 'https://arxiv.org/abs/1611.07725',
  inputs: {
    student: logits(),
    teacher: logits({ over: 'student', target: true }),
    pixelWeights: pixels({ over: 'student' }).optional(),
  },
  options: { reduction: divergenceReduction },
  compute({ student, teacher, pixelWeights }, { reduction }) {
    const old = foldNewClasses(student, teacher.shape[3], 'trim')
    return reduceDivergence(tf.mean(binaryCrossEntropy(old, tf.sigmoid(teacher)), 3), {
      reduction,
      pixelWeights,
    })
  },
})
