import { BackendError } from '@limbeck/core'
import type { NativeAddon } from './addon.ts'
import { MAX_RANK, type NativeKernelName, nativeKernels } from './native-kernels.ts'
import { kernelFields } from './parameters.ts'

/** The addon's numbers of the kernels. Throws `BackendError` where their counts are not those of `nativeKernels`. */
export function kernelNumbers(addon: NativeAddon): Record<NativeKernelName, number> {
  const numbers = Object.keys(nativeKernels).map((name) => {
    const number = addon.kernels.findIndex((kernel) => kernel.name === name)
    const { buffers, ints, reals } = kernelFields[name]!
    const count = (fields: typeof ints): number =>
      fields.reduce((sum, { kind }) => sum + (kind === 'axes' ? MAX_RANK : 1), 0)
    const tailed = [...ints, ...reals].some(({ kind }) => kind === 'tail')
    const expected = tailed
      ? { buffers: -1, ints: -1, reals: -1 }
      : { buffers: buffers?.length ?? -1, ints: count(ints), reals: count(reals) }
    const found = addon.kernels[number]
    if (
      found?.buffers !== expected.buffers ||
      found.ints !== expected.ints ||
      found.reals !== expected.reals
    ) {
      throw new BackendError(
        'native/version',
        `the addon's kernel "${name}" is not the one this version expects`,
        {
          expected: JSON.stringify(expected),
          received: found ? JSON.stringify(found) : 'no such kernel',
          hint: 'build the addon again',
        },
      )
    }
    return [name, number] as const
  })
  return Object.fromEntries(numbers) as Record<NativeKernelName, number>
}
