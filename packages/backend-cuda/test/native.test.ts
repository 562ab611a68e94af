import { describe, expect, it, test } from 'vitest'
import {
  buildNativeProgram,
  missingTools,
  type NativeBuild,
  outputOf,
  run,
} from '../../native/test/native-program.ts'

const source = new URL('..', import.meta.url)
const limit = { timeout: 600_000 }

interface EmulatedTests {
  readonly sanitize: string
  readonly tools: readonly string[]
  readonly runner: readonly string[]
  /** Ways in which the emulation behaves. */
  readonly ways: readonly Readonly<Record<string, string>>[]
  /** A kernel with this fault has to be caught, with this message. */
  readonly planted: readonly [fault: string, message: RegExp]
}

/** The C++ tests in `native-test` on the emulation of CUDA, and what only this build catches. */
const builds: Readonly<Record<string, EmulatedTests>> = {
  'in three orders of threads': {
    sanitize: '',
    tools: ['cmake', 'g++'],
    runner: [],
    ways: [
      { CUEMU_ORDER: '0' },
      { CUEMU_ORDER: '1', CUEMU_LAZY_COPIES: '0', CUEMU_LAZY_STREAMS: '1' },
      { CUEMU_ORDER: '2' },
    ],
    planted: ['unset', /planted unset: caught/],
  },
  'under the address and undefined-behaviour sanitizers': {
    sanitize: 'address,undefined',
    tools: ['cmake', 'g++'],
    runner: [],
    ways: [{ UBSAN_OPTIONS: 'halt_on_error=1' }],
    planted: ['overrun', /AddressSanitizer: heap-buffer-overflow/],
  },
  'under the thread sanitizer': {
    sanitize: 'thread',
    tools: ['cmake', 'g++', 'setarch'],
    runner: ['setarch', '-R'], // it wants addresses as they are without randomisation
    ways: [{ CUEMU_THREADS: '2' }],
    planted: ['race', /ThreadSanitizer: data race/],
  },
}

for (const [how, { sanitize, tools, runner, ways, planted }] of Object.entries(builds)) {
  const build: NativeBuild = {
    source,
    directory: `native-test/${sanitize.replace(/,.*/, '') || 'plain'}`,
    target: 'cuda_test',
    defines: ['-DDEVICE=emu', `-DSANITIZE=${sanitize}`],
    tools,
  }
  const missing = missingTools(build)
  const skipped = missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''
  describe.skipIf(missing.length > 0)(`the C++ tests of the CUDA kernels, emulated, ${how}${skipped}`, () => {
    it('pass', limit, async () => {
      const program = await buildNativeProgram(build)
      for (const way of ways) {
        expect(await outputOf([...runner, program], way)).toMatch(/^(\d+) of \1 passed/m)
      }
    })

    const [fault, message] = planted
    it(`catch the planted fault "${fault}"`, limit, async () => {
      const program = await buildNativeProgram(build)
      expect(await run([...runner, program, '--planted', 'none'])).toMatchObject({ code: 0 })
      const caught = await run([...runner, program, '--planted', fault])
      expect(caught.code).not.toBe(0)
      expect(caught.output).toMatch(message)
    })
  })
}

const compilation: NativeBuild = {
  source,
  directory: 'native-test/spills',
  target: 'kernels',
  defines: ['-DDEVICE=cuda', '-DFORBID_SPILLS=ON'],
  tools: ['cmake', 'nvcc'],
}
const lacking = missingTools(compilation)
const without = lacking.length > 0 ? ` (skipped: no ${lacking.join(', ')})` : ''

test.skipIf(lacking.length > 0)(
  `nvcc compiles every kernel for every architecture, and no hot one spills registers${without}`,
  limit,
  async () => {
    await buildNativeProgram(compilation)
  },
)
