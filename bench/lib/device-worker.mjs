// What the benchmark of `cuda` asks of Limbeck: device-worker.mjs BACKEND reads tasks from its input, one line of JSON each,
// and answers each by one line, `{"error": …}` where it failed. The first line that it writes says that it is ready, or why
// it cannot be (`reason`). `device_worker.py` does the same in PyTorch.
import { createInterface } from 'node:readline'
import { registerCuda } from '@limbeck/backend-cuda'
import { tf } from '@limbeck/core'
import { convolutionsOf, gigaFlopsOf, layerName, timeDirections } from './conv-layers.mjs'
import { timeTurns } from './device-turns.mjs'
import { timeMemoryBound } from './memory-bound.mjs'
import { profileStep } from './step-profile.mjs'
import { parameterCount, unetStep } from './unet-step.mjs'

const MIB = 2 ** 20
const answer = (value) => console.log(JSON.stringify(value))

const tasks = {
  /** A training step, and the most memory that is in use in it, scratch of kernels included. */
  async step({ size, seconds }) {
    const { addon } = tf.backend()
    addon.resetPeak()
    const step = unetStep(size)
    const times = await timeTurns(step.run, seconds)
    const { peakBytes } = addon.memory()
    const parameters = parameterCount(step)
    step.dispose()
    return { ...times, parameters, peakMiB: peakBytes / MIB }
  },
  profile: ({ size }) => ({ kernels: profileStep(size) }),
  layers({ size }) {
    return convolutionsOf(size).map((layer) => ({
      ...layer,
      name: layerName(layer),
      gigaFlops: gigaFlopsOf(layer),
    }))
  },
  layer: ({ layer, seconds }) => timeDirections(layer, seconds),
  memory: ({ one, seconds }) => timeMemoryBound(one, seconds),
}

const [, , backend] = process.argv
const reason = registerCuda(backend)
if (reason === undefined) {
  await tf.setBackend(backend)
  answer({ ready: Object.fromEntries(tf.backend().describe()) })
  for await (const line of createInterface({ input: process.stdin })) answer(await perform(JSON.parse(line)))
} else answer({ reason })

async function perform({ kind, ...task }) {
  try {
    return await tasks[kind](task)
  } catch (error) {
    return { error: error.message, hint: error.hint, received: error.received }
  }
}
