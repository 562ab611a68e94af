import { expect, test } from 'vitest'
import {
  buildNativeProgram,
  missingTools,
  type NativeBuild,
  outputOf,
} from '../../native/test/native-program.ts'

// one instruction set is enough for a sanitizer: all are made from the same sources
const sanitized = (sanitizer: string): readonly string[] => [
  `-DSANITIZE=${sanitizer}`,
  '-DINSTRUCTION_SETS=portable',
]

/** The C++ tests in `native-test`, built and run in four ways, of which each shows something of its own. */
const builds: Readonly<
  Record<string, Omit<NativeBuild, 'source' | 'target'> & { readonly runner?: readonly string[] }>
> = {
  // beside the addon, which is made of the same objects
  'with every instruction set': { directory: '', defines: [], tools: ['cmake', 'c++'] },
  'under the address and undefined-behaviour sanitizers': {
    directory: 'address',
    defines: sanitized('address,undefined'),
    tools: ['cmake', 'c++'],
  },
  'under the thread sanitizer': {
    directory: 'thread',
    defines: sanitized('thread'),
    tools: ['cmake', 'c++', 'setarch'],
    runner: ['setarch', '-R'], // it wants addresses as they are without randomisation
  },
  'with NEON, under an emulation of ARM': {
    directory: 'aarch64',
    defines: ['-DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake', '-DINSTRUCTION_SETS=neon'],
    tools: ['cmake', 'aarch64-linux-gnu-g++', 'qemu-aarch64'],
    runner: ['qemu-aarch64', '-L', '/usr/aarch64-linux-gnu'],
  },
}

for (const [how, { runner = [], ...rest }] of Object.entries(builds)) {
  const build: NativeBuild = { source: new URL('..', import.meta.url), target: 'simd_test', ...rest }
  const missing = missingTools(build)
  const skipped = missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''
  test.skipIf(missing.length > 0)(`the C++ tests pass ${how}${skipped}`, { timeout: 600_000 }, async () => {
    const program = await buildNativeProgram(build)
    expect(await outputOf([...runner, program])).toMatch(/^(\d+) of \1 passed/m)
  })
}
