import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from '@limbeck/cli'
import { expect, it } from 'vitest'

// the emulation in place of a GPU, with a driver that is too old; of this process, before the device is opened
const addon = fileURLToPath(new URL('../build/emulated/limbeck_cuda.node', import.meta.url))
process.env.LIMBECK_CUDA_ADDON = addon
process.env.CUEMU_DRIVER = '12040'
const skip = existsSync(addon) ? undefined : 'not built'

it.skipIf(skip)(
  `limbeck doctor passes on what the addon of cuda says${skip ? ` (skipped: ${skip})` : ''}`,
  async () => {
    const out: string[] = []
    await main(['doctor', '--json'], { out: (text) => out.push(text), error: () => {} })
    const findings = JSON.parse(out.join('')) as readonly { readonly what: string; readonly detail: string }[]
    const cuda = findings.find(({ what }) => what === 'backend cuda')
    expect(cuda).toMatchObject({ state: 'absent' })
    expect(cuda?.detail).toContain(
      'the NVIDIA driver supports CUDA 12.4, this build needs 13.0: update the driver',
    )
  },
)
