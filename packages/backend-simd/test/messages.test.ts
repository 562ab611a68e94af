import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { selectBackend } from '@limbeck/core'
import { afterEach, expect, it, vi } from 'vitest'

const built = existsSync(fileURLToPath(new URL('../build/limbeck_simd.node', import.meta.url)))

afterEach(() => {
  vi.unstubAllEnvs()
})

/** What a user sees who asks for `simd` with some variables set. */
async function messageWith(variables: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, value] of Object.entries({ LIMBECK_BACKEND: 'simd', ...variables })) {
    vi.stubEnv(name, value)
  }
  return selectBackend().then(
    ({ name }) => `started ${name}`,
    (error: Error) => error.message,
  )
}

it('says how to build the addon where there is none', async () => {
  const message = await messageWith({ LIMBECK_SIMD_ADDON: '/nowhere/limbeck_simd.node' })
  expect(message).toContain('LIMBECK_BACKEND=simd: the backend "simd" cannot be used')
  expect(message).toContain('LIMBECK_SIMD_ADDON=/nowhere/limbeck_simd.node: no such file')
  expect(message).toContain('build it with "npx limbeck-build simd", which needs CMake and a C++17 compiler')
})

const whenBuilt = `${built ? '' : ' (skipped: not built)'}`

it.skipIf(!built)(`names instruction sets that there are for one that there is not${whenBuilt}`, async () => {
  const message = await messageWith({ LIMBECK_SIMD_ISA: 'sse9' })
  expect(message).toMatch(/LIMBECK_SIMD_ISA=sse9 cannot be used; this build has .*portable/)
  expect(message).not.toContain('limbeck-build')
})

it.skipIf(!built)(`refuses a number of threads that is none${whenBuilt}`, async () => {
  const message = await messageWith({ LIMBECK_THREADS: 'many' })
  expect(message).toContain('LIMBECK_THREADS expects a number from 1 to 1024, received "many"')
  expect(message).not.toContain('limbeck-build')
})
