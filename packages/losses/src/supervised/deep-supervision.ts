import {
  defineLoss,
  type Inputs,
  type Kind,
  type Kinds,
  type Loss,
  list,
  logits,
  resize,
  ShapeError,
  type Tensor,
  type Tensor4D,
  tf,
} from '@limbeck/core'

type Supervised = Kinds & { readonly logits: Kind<Tensor4D, false>; readonly labels: Kind }
type HeadsOf<I extends Supervised> = Omit<I, 'logits'> & { readonly heads: Kind<readonly Tensor4D[], false> }

/**
 * A supervised loss over several heads: the weighted mean of its values, `Σ w[h] loss(heads[h]) / Σ w[h]`. Heads of
 * a lower resolution [B,h,w,C] are enlarged bilinearly to the size of the labels. Weights default to 1 each
 * (U-Net++ and U-Net 3+ average their heads).
 */
export function deepSupervision<I extends Supervised>(
  loss: Loss<I>,
  weights?: readonly number[],
): Loss<HeadsOf<I>> {
  const { logits: _, ...rest } = loss.spec.inputs
  const inputs = { ...rest, heads: list(logits()) } as unknown as HeadsOf<I>
  return defineLoss({
    name: `deep-supervision(${loss.spec.name})`,
    summary: `${loss.spec.summary} Mean over several heads.`,
    inputs,
    options: {},
    compute(given) {
      const { heads, ...others } = given as unknown as { heads: readonly Tensor4D[]; labels: Tensor }
      const shares = weights ?? heads.map(() => 1)
      if (shares.length !== heads.length) {
        throw new ShapeError('deep-supervision/weights', 'deepSupervision: one weight per head', {
          expected: `${shares.length} heads`,
          received: `${heads.length}`,
        })
      }
      const total = shares.reduce((sum, share) => sum + share, 0)
      const [, height, width] = others.labels.shape as [number, number, number]
      const values = heads.map((head, h) => {
        const logits = resize(head, [height, width])
        return tf.mul(loss({ ...others, logits } as unknown as Inputs<I>), shares[h]! / total)
      })
      return tf.addN(values)
    },
  })()
}
