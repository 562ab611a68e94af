// What every built-in loss and its gradient cost on `ref`: kernel launches and bytes read and written, with our kernels
// and with the composite of plain tfjs ops that they replace; then those that are plain tfjs throughout. `--json`
// prints one object.
import { RefBackend, registerRef } from '@limbeck/backend-ref'
import { tf, valueAndGradients } from '@limbeck/core'
import { lossesPlugin } from '@limbeck/losses'
import { printTable } from './lib/timing.mjs'

const pixels = [2, 64, 64]
const classes = 6
const oldClasses = 4

export async function bench(args) {
  registerRef()
  const fused = countedBackend('fused', () => true)
  const composite = countedBackend('composite', (name) => !name.startsWith('Seg'))
  const rows = []
  for (const create of lossesPlugin.losses) {
    const { name, inputs } = create.spec
    const loss = create(options[name])
    const run = (tensors) => loss(inputsOf(name, inputs, tensors))
    rows.push({ loss: name, composite: await cost(composite, run), fused: await cost(fused, run) })
  }
  if (args.includes('--json')) {
    console.log(JSON.stringify({ pixels, classes, losses: rows }, null, 2))
    return
  }
  printTable(
    rows
      .filter(({ fused }) => fused.own > 0)
      .map(({ loss, composite, fused }) => ({
        'loss and gradient': loss,
        'launches, composite': String(composite.launches),
        fused: String(fused.launches),
        share: (fused.launches / composite.launches).toFixed(2),
        'MB, composite': (composite.bytes / 1e6).toFixed(2),
        'MB, fused': (fused.bytes / 1e6).toFixed(2),
        'share of bytes': (fused.bytes / composite.bytes).toFixed(2),
      })),
  )
  console.log()
  printTable(
    rows
      .filter(({ fused }) => fused.own === 0)
      .map(({ loss, fused }) => ({
        'without kernels of ours': loss,
        launches: String(fused.launches),
        MB: (fused.bytes / 1e6).toFixed(2),
      })),
  )
}

/** Of losses that have options without a default. */
const options = {
  'region-logit-kd': { region: 'organs' },
  'unbiased-cross-entropy': { oldClasses },
}

/** Losses whose teacher has the old classes only. */
const incremental = ['focal-kd', 'icarl', 'masked-output-kd', 'narrowed-kd', 'sigmoid-kd', 'unbiased-kd']

/** What a loss reads, without the inputs that are optional. */
function inputsOf(name, inputs, { student, peer, previous, organs, labels }) {
  const known = {
    student,
    logits: student,
    teacher: incremental.includes(name) ? previous : peer,
    teachers: organs,
    decoders: [student, peer],
    labels,
  }
  const required = Object.keys(inputs).filter((input) => !inputs[input].isOptional)
  return Object.fromEntries(required.map((input) => [input, known[input]]))
}

/** A `ref` whose kernels count what they do. Views cost nothing. */
function countedBackend(name, includes) {
  const counts = { launches: 0, own: 0, bytes: 0 }
  tf.registerBackend(name, () => new RefBackend('float32'))
  for (const config of tf.getKernelsForBackend('ref')) {
    if (!includes(config.kernelName)) continue
    tf.registerKernel({
      ...config,
      backendName: name,
      kernelFunc(call) {
        const result = config.kernelFunc(call)
        const outputs = [result].flat()
        const inputs = Object.values(call.inputs).flat().filter(Boolean)
        if (inputs.some((x) => outputs.some((y) => y.dataId === x.dataId))) return result
        counts.launches++
        if (config.kernelName.startsWith('Seg')) counts.own++
        for (const x of [...inputs, ...outputs]) counts.bytes += 4 * tf.util.sizeFromShape(x.shape)
        return result
      },
    })
  }
  return { name, counts }
}

async function cost({ name, counts }, run) {
  await tf.setBackend(name)
  return tf.tidy(() => {
    const tensors = {
      student: map(classes),
      peer: map(classes),
      previous: map(oldClasses),
      organs: Array.from({ length: classes - 1 }, () => map(2)),
      labels: tf.cast(tf.randomUniform(pixels, 0, classes, 'float32', 3), 'int32'),
    }
    Object.assign(counts, { launches: 0, own: 0, bytes: 0 })
    valueAndGradients(() => ({ loss: run(tensors) }), [tensors.student])
    return { ...counts }
  })
}

const map = (channels) => tf.randomNormal([...pixels, channels], 0, 1, 'float32', channels)
