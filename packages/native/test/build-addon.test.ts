import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const program = fileURLToPath(new URL('../bin/build-addon.mjs', import.meta.url))

/** Runs `limbeck-build` where no other program can be found. */
const limbeckBuild = (...args: readonly string[]) => {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
    env: { PATH: '' },
  })
  return { status, stderr }
}

it('limbeck-build says in one line what is not installed, and fails only where that was not foreseen', () => {
  const line = /^@limbeck\/backend-simd was not built: cmake is not installed \(.*build\.log\)\n$/
  const failed = limbeckBuild('simd')
  expect(failed).toMatchObject({ status: 1, stderr: expect.stringMatching(line) })
  expect(limbeckBuild('simd', '--if-possible')).toEqual({ ...failed, status: 0 })
})

it('limbeck-build names what it can build', () => {
  expect(limbeckBuild('toString')).toEqual({
    status: 2,
    stderr: 'limbeck-build: expected one of simd, cuda, emulated, received toString\n',
  })
})
