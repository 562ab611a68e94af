import { type Model, type Tensor4D, tf } from '@limbeck/core'

/**
 * Views of an image that a prediction is averaged over: itself; its mirror images along both axes (4); those and their
 * rotations by 90° (8).
 */
export type TestTimeAugmentation = 'none' | 'flips' | 'dihedral'

/** What is done to an image before it is shown, in this order; undone in the other one. */
interface View {
  readonly transposed: boolean
  /** Axes of a [B,H,W,C] map. */
  readonly reversed: readonly number[]
}

const AXES: readonly (readonly number[])[] = [[], [1], [2], [1, 2]]

const VIEWS: Readonly<Record<TestTimeAugmentation, readonly View[]>> = {
  none: [{ transposed: false, reversed: [] }],
  flips: AXES.map((reversed) => ({ transposed: false, reversed })),
  dihedral: [false, true].flatMap((transposed) => AXES.map((reversed) => ({ transposed, reversed }))),
}

/** Mean logits [B,H,W,classes] of images [B,H,W,C] over the views of an augmentation. */
export const averagedLogits = (
  model: Model,
  images: Tensor4D,
  augmentation: TestTimeAugmentation,
): Tensor4D =>
  tf.tidy(() => {
    const views = VIEWS[augmentation]
    let sum: Tensor4D | undefined
    for (const view of views) {
      const before = sum
      sum = tf.tidy(() => {
        const logits = undo(view, logitsOf(model, apply(view, images)))
        return before ? tf.add<Tensor4D>(before, logits) : logits
      })
      before?.dispose()
    }
    return views.length === 1 ? sum! : tf.mul<Tensor4D>(sum!, 1 / views.length)
  })

const logitsOf = (model: Model, images: Tensor4D): Tensor4D =>
  model.forward(images, { want: ['logits'], mode: 'eval' }).logits!

const apply = ({ transposed, reversed }: View, images: Tensor4D): Tensor4D =>
  reverse(transposed ? transpose(images) : images, reversed)

const undo = ({ transposed, reversed }: View, logits: Tensor4D): Tensor4D => {
  const upright = reverse(logits, reversed)
  return transposed ? transpose(upright) : upright
}

const reverse = (map: Tensor4D, axes: readonly number[]): Tensor4D =>
  axes.length === 0 ? map : tf.reverse(map, [...axes])

const transpose = (map: Tensor4D): Tensor4D => tf.transpose(map, [0, 2, 1, 3])
