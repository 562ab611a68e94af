// The U-Net of `unet-step.mjs` in a process of its own, on the backend of LIMBECK_BACKEND: node unet-process.mjs COUNT
// SIZE WIDTH RUNS train|forward. Prints one line of JSON, as torch-unet-step.py does.
import { selectBackend, tf } from '@limbeck/core'
import { network } from './unet-setting.mjs'
import { parameterCount, unetStep } from './unet-step.mjs'

const [count, size, width, runs] = process.argv.slice(2, 6).map(Number)
await selectBackend()
const step = unetStep({ count, size, width, ...network })
const work = process.argv[6] === 'forward' ? forward : train

// long enough for V8 to have compiled what runs often
const WARM_UP_MS = 500
const begun = performance.now()
do await work()
while (performance.now() - begun < WARM_UP_MS)

const milliseconds = []
for (let run = 0; run < runs; run++) {
  const start = performance.now()
  await work()
  milliseconds.push(performance.now() - start)
}
console.log(
  JSON.stringify({
    milliseconds,
    parameters: parameterCount(step),
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }),
)

/** Launches a step, then waits for what it updated last. */
async function train() {
  step.run()
  await [...step.parameters.values()].at(-1).tensor.data()
}

async function forward() {
  const { logits } = tf.tidy(() => step.model.forward(step.images, { want: ['logits'], mode: 'eval' }))
  await logits.data()
  logits.dispose()
}
