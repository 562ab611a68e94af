// The yardstick of ../unet-step.mjs: the same U-Net in stock tfjs ops, stock gradients, stock Adam, on tfjs-backend-cpu.
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-backend-cpu'

const { count, size, width, depth, classes, steps } = JSON.parse(process.argv[2])
await tf.setBackend('cpu')

const variables = new Map()
const variable = (name, shape, make) => {
  if (!variables.has(name)) variables.set(name, tf.variable(make(shape), true, name))
  return variables.get(name)
}
const conv = (name, x, channels, kernel) => {
  const fanIn = kernel * kernel * x.shape[3]
  const filter = variable(`${name}.weight`, [kernel, kernel, x.shape[3], channels], (shape) =>
    tf.randomNormal(shape, 0, Math.sqrt(2 / fanIn), 'float32', 1),
  )
  return tf.conv2d(x, filter, 1, 'same')
}
const normalised = (name, x) => {
  const channels = x.shape[3]
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  return tf.relu(
    tf.batchNorm(
      x,
      mean,
      variance,
      variable(`${name}.bias`, [channels], tf.zeros),
      variable(`${name}.scale`, [channels], tf.ones),
      1e-5,
    ),
  )
}
const double = (name, x, channels) => {
  const once = normalised(`${name}.0`, conv(`${name}.0`, x, channels, 3))
  return normalised(`${name}.1`, conv(`${name}.1`, once, channels, 3))
}
const unet = (x) => {
  const skips = []
  let h = x
  for (let level = 0; level < depth; level++) {
    h = double(`encoder.${level}`, h, width << level)
    skips.push(h)
    h = tf.maxPool(h, 2, 2, 'valid')
  }
  h = double('middle', h, width << depth)
  for (let level = depth - 1; level >= 0; level--) {
    const skip = skips[level]
    const up = tf.image.resizeBilinear(h, skip.shape.slice(1, 3))
    h = double(`decoder.${level}`, tf.concat([skip, up], 3), width << level)
  }
  return tf.add(conv('head', h, classes, 1), variable('head.bias', [classes], tf.zeros))
}

const images = tf.randomNormal([count, size, size, 3], 0, 1, 'float32', 7)
const labels = tf.cast(tf.randomUniform([count, size, size], 0, classes, 'float32', 3), 'int32')
const loss = () => {
  const logits = unet(images)
  const logProbabilities = tf.logSoftmax(logits)
  return tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, tf.cast(tf.oneHot(labels, classes), 'float32')), 3)))
}
tf.tidy(() => loss())
const optimizer = tf.train.adam(1e-3)
const step = () =>
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, [...variables.values()])
    optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })))
    return value.dataSync()[0]
  })

step()
const seconds = []
for (let i = 0; i < steps; i++) {
  const start = performance.now()
  step()
  seconds.push((performance.now() - start) / 1000)
}
console.log(JSON.stringify(seconds))
