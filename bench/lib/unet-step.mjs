// A warm training step of a U-Net on the active backend: cross-entropy, backward, AdamW.
import { adamW, Random, tf, valueAndGradients } from '@limbeck/core'
import { crossEntropy } from '@limbeck/losses'
import { unet } from '@limbeck/models'

/** The model, one batch of noise, `run`, which trains on it once, and `dispose`, which frees all of it. */
export function unetStep({ count, size, width, depth, classes }) {
  const model = unet({ classes, width, depth, random: new Random(1) })
  const images = tf.keep(tf.randomNormal([count, size, size, 3], 0, 1, 'float32', 7))
  const labels = tf.keep(tf.cast(tf.randomUniform([count, size, size], 0, classes, 'float32', 3), 'int32'))
  const loss = crossEntropy()
  const optimizer = adamW()
  const parameters = model.parameters()
  const names = [...parameters.keys()]
  const tensors = names.map((name) => parameters.get(name).tensor)
  const run = () =>
    tf.tidy(() => {
      const { gradients } = valueAndGradients(
        () => ({
          loss: loss({ logits: model.forward(images, { want: ['logits'], mode: 'train' }).logits, labels }),
        }),
        tensors,
      )
      const byName = new Map(names.map((name, i) => [name, gradients[i]]))
      optimizer.step({ parameters, gradients: byName, learningRate: 1e-3 })
    })
  const dispose = () => {
    for (const owner of [model, optimizer, images, labels]) owner.dispose()
  }
  return { model, images, parameters, run, dispose }
}

export const parameterCount = ({ parameters }) =>
  [...parameters.values()].reduce((sum, { tensor }) => sum + tensor.size, 0)
