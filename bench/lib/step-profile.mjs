// Where the time of a training step goes, by kernel.
import { tf } from '@limbeck/core'
import { unetStep } from './unet-step.mjs'

/**
 * Launches and milliseconds of each kernel of a warm step, the longest first. Every launch is waited for, which adds some
 * microseconds to each.
 */
export function profileStep(size) {
  const step = unetStep(size)
  step.run()
  const totals = new Map()
  const restore = observeKernels((name, milliseconds) => {
    const { launches, ms } = totals.get(name) ?? { launches: 0, ms: 0 }
    totals.set(name, { launches: launches + 1, ms: ms + milliseconds })
  })
  try {
    step.run()
  } finally {
    restore()
    step.dispose()
  }
  return [...totals].map(([kernel, total]) => ({ kernel, ...total })).sort((a, b) => b.ms - a.ms)
}

/** Tells of each launch by a kernel of the active backend until what it returns is called. */
function observeKernels(observe) {
  const kernels = tf.getKernelsForBackend(tf.getBackend())
  const originals = kernels.map(({ kernelFunc }) => kernelFunc)
  let waiting = false
  const wait = () => {
    waiting = true
    tf.tidy(() => tf.fill([1], 0).dataSync())
    waiting = false
  }
  for (const [i, config] of kernels.entries()) {
    config.kernelFunc = (call) => {
      if (waiting) return originals[i](call)
      wait()
      const start = performance.now()
      const outputs = originals[i](call)
      wait()
      if (!isView(call.inputs, outputs)) observe(config.kernelName, performance.now() - start)
      return outputs
    }
  }
  return () => {
    for (const [i, config] of kernels.entries()) config.kernelFunc = originals[i]
  }
}

/** Whether nothing was launched: a reshape shares what it is given. */
const isView = (inputs, { dataId }) =>
  dataId !== undefined && Object.values(inputs).some((x) => x?.dataId === dataId)
