// What a loss and its gradient cost on `ref`: kernel launches and bytes read and written, with our kernels and with
// the composite of plain tfjs ops that they replace. `--json` prints one object.
import { RefBackend, registerRef } from '@limbeck/backend-ref'
import { tf, valueAndGradients } from '@limbeck/core'
import {
  crossDecoderKd,
  crossEntropy,
  dice,
  ecStrip,
  focal,
  focalKd,
  hintonKd,
  localPod,
  narrowedKd,
  regionLogitKd,
  tversky,
  unbiasedCrossEntropy,
  unbiasedKd,
} from '@limbeck/losses'
import { printTable } from './lib/timing.mjs'

const pixels = [2, 64, 64]
const classes = 6
const oldClasses = 4

export async function bench(args) {
  registerRef()
  const fused = countedBackend('fused', () => true)
  const composite = countedBackend('composite', (name) => !name.startsWith('Seg'))
  const rows = []
  for (const [loss, run] of Object.entries(losses)) {
    rows.push({ loss, composite: await cost(composite, run), fused: await cost(fused, run) })
  }
  if (args.includes('--json')) {
    console.log(JSON.stringify({ pixels, classes, losses: rows }, null, 2))
    return
  }
  printTable(
    rows.map(({ loss, composite, fused }) => ({
      'loss and gradient': loss,
      'launches, composite': String(composite.launches),
      fused: String(fused.launches),
      share: (fused.launches / composite.launches).toFixed(2),
      'MB, composite': (composite.bytes / 1e6).toFixed(2),
      'MB, fused': (fused.bytes / 1e6).toFixed(2),
      'share of bytes': (fused.bytes / composite.bytes).toFixed(2),
    })),
  )
}

/** Each loss on the tensors that it reads; the first tensor is differentiated. */
const losses = {
  'cross-entropy': ({ student, labels }) => crossEntropy()({ logits: student, labels }),
  focal: ({ student, labels }) => focal()({ logits: student, labels }),
  'unbiased-cross-entropy': ({ student, labels }) =>
    unbiasedCrossEntropy({ oldClasses })({ logits: student, labels }),
  dice: ({ student, labels }) => dice()({ logits: student, labels }),
  tversky: ({ student, labels }) => tversky()({ logits: student, labels }),
  'hinton-kd': ({ student, peer }) => hintonKd()({ student, teacher: peer }),
  'narrowed-kd': ({ student, teacher }) => narrowedKd()({ student, teacher }),
  'unbiased-kd': ({ student, teacher }) => unbiasedKd()({ student, teacher }),
  'focal-kd': ({ student, teacher }) => focalKd()({ student, teacher }),
  'cross-decoder-kd': ({ student, peer }) => crossDecoderKd()({ decoders: [student, peer] }),
  'region-logit-kd': ({ student, organs }) =>
    regionLogitKd({ region: 'organs' })({ student, teachers: organs }),
  'local-pod': ({ student, peer }) => localPod()({ student, teacher: peer }),
  'ec-strip': ({ student, peer }) => ecStrip()({ student, teacher: peer }),
}

/** A `ref` whose kernels count what they do. Views cost nothing. */
function countedBackend(name, includes) {
  const counts = { launches: 0, bytes: 0 }
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
      teacher: map(oldClasses),
      organs: Array.from({ length: classes - 1 }, () => map(2)),
      labels: tf.cast(tf.randomUniform(pixels, 0, classes, 'float32', 3), 'int32'),
    }
    Object.assign(counts, { launches: 0, bytes: 0 })
    valueAndGradients(() => ({ loss: run(tensors) }), [tensors.student])
    return { ...counts }
  })
}

const map = (channels) => tf.randomNormal([...pixels, channels], 0, 1, 'float32', channels)
