import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { loadCuda } from '../src/index.ts'

const loaded = loadCuda('cuda-emulated')
const skip = loaded.addon ? undefined : loaded.reason

/** Runs a piece of JavaScript with the addon as `open()`, in a process of its own; what it wrote. */
function inProcess(code: string, env: Readonly<Record<string, string>> = {}): string {
  const path = loaded.addon ? loaded.path : ''
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['-e', `const { open } = require(${JSON.stringify(path)})\n${code}`],
    { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 30_000 },
  )
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout
}

const attempt = (code: string): string =>
  `try { ${code} } catch (error) { console.log(error.code + ': ' + error.message) }`

describe.skipIf(skip)(`the CUDA device, emulated${skip ? ` (skipped: ${skip})` : ''}`, () => {
  it.each([
    ['LIMBECK_CUDA_PRECISION', 'fp64', 'expects fp32, tf32 or bf16, received "fp64"'],
    ['LIMBECK_CUDA_MEMORY_LIMIT', '2GB', 'expects a number of MiB, received "2GB"'],
    ['LIMBECK_CUDA_INDEX', '-1', 'expects the number of a GPU, from 0 on, received "-1"'],
  ])('refuses %s=%s', (variable, value, message) => {
    const output = inProcess(attempt('open()'), { [variable]: value })
    expect(output).toBe(`wrong-option: ${variable} ${message}\n`)
  })

  it.each([
    ['no driver', { CUEMU_DRIVER: '0' }, 'no-driver: no NVIDIA driver found (libcuda.so.1 does not load)'],
    [
      'an old driver',
      { CUEMU_DRIVER: '12040' },
      'old-driver: the NVIDIA driver supports CUDA 12.4, this build needs 13.0: update the driver',
    ],
    ['a driver without a GPU', { CUEMU_DEVICES: '0' }, 'no-device: the NVIDIA driver sees no GPU'],
    ['a GPU too few', { LIMBECK_CUDA_INDEX: '1' }, 'no-device: there is no GPU 1: the driver sees 1'],
  ])('says that there is %s', (_, variables, message) => {
    expect(inProcess(attempt('open()'), variables)).toBe(`${message}\n`)
  })

  it('says who holds the memory when it runs out, and goes on', () => {
    const output = inProcess(
      `const addon = open()
      const first = addon.allocate(3 << 20)
      ${attempt('addon.allocate(2 << 20)')}
      addon.release(first)
      console.log(addon.allocate(4 << 20) > 0)`,
      { LIMBECK_CUDA_MEMORY_LIMIT: '4' },
    )
    expect(output).toBe(
      'out-of-memory: no memory for 2 MiB: 1 buffers hold 3 MiB (largest 3 MiB, peak 3 MiB), the limit is 4 MiB\ntrue\n',
    )
  })

  it('names kernel and parameters of a launch that CUDA refuses, and goes on', () => {
    const output = inProcess(
      `const addon = open()
      const number = (name) => addon.kernels.findIndex((kernel) => kernel.name === name)
      const [x, values, indices] = [64, 64, 64].map((bytes) => addon.allocate(bytes))
      addon.upload(x, Float32Array.of(1, 3, 2))
      addon.arguments.buffers.set([x, values, indices])
      addon.arguments.ints.set([0, 0, 3, 2]) // no rows
      ${attempt("addon.launch(number('topK'), 3, 4, 0, 0)")}
      addon.arguments.ints[1] = 1
      addon.launch(number('topK'), 3, 4, 0, 0)
      console.log(...addon.download(values, new Float32Array(2)))`,
    )
    expect(output).toBe(
      'cudaErrorInvalidConfiguration: topK(0, 0, 3, 2): the launch failed: invalid configuration argument\n3 2\n',
    )
  })

  describe('after a kernel that broke off', () => {
    const lost = 'the GPU is lost to this process'
    const fault = 'cudaErrorIllegalAddress, an illegal memory access was encountered'
    /** Sorts rows three times, of which the second breaks off, then does whatever else there is to do. */
    const broken = (variables: Readonly<Record<string, string>>): readonly string[] =>
      inProcess(
        `const addon = open()
        const topK = addon.kernels.findIndex((kernel) => kernel.name === 'topK')
        const [x, values, indices] = [12, 8, 8].map((bytes) => addon.allocate(bytes))
        addon.upload(x, Float32Array.of(1, 3, 2))
        const sort = () => {
          addon.arguments.buffers.set([x, values, indices])
          addon.arguments.ints.set([0, 1, 3, 2])
          addon.launch(topK, 3, 4, 0, 0)
        }
        sort()
        ${attempt('sort()')}
        addon
          .downloadLater(values, new Float32Array(2))
          .catch((error) => console.log('later: ' + error.code + ': ' + error.message))
          .finally(() => {
            ${attempt('sort()')}
            ${attempt('addon.allocate(4)')}
            ${attempt('addon.download(values, new Float32Array(2))')}
            ${attempt('addon.upload(x, new Float32Array(3))')}
            addon.release(x)
            console.log(addon.memory().buffers)
          })`,
        { CUEMU_FAULT: 'sortShortRows:2', ...variables },
      )
        .trim()
        .split('\n')

    it('LIMBECK_CUDA_SYNC=1 names it and its parameters, and whatever is asked later says so', () => {
      const kernel = 'topK(0, 1, 3, 2)'
      const later = `lost: ${lost}, since ${kernel} broke off (${fault})`
      expect(broken({ LIMBECK_CUDA_SYNC: '1' })).toEqual([
        `cudaErrorIllegalAddress: ${kernel} broke off (${fault}), and with it ${lost}`,
        `later: ${later}`,
        later,
        later,
        later,
        later,
        '2',
      ])
    })

    it.each(['0', '1'])('without it, the next that waits finds out (CUEMU_LAZY_STREAMS=%s)', (lazy) => {
      const known = `lost: ${lost}, since a kernel before this broke off (${fault}); start anew with LIMBECK_CUDA_SYNC=1, which names that kernel`
      expect(broken({ CUEMU_LAZY_STREAMS: lazy })).toEqual([
        `later: ${known}`,
        known,
        known,
        known,
        known,
        '2',
      ])
    })
  })

  it('gives the same results where streams hold work back as long as they may', () => {
    const code = `const addon = open()
      const number = (name) => addon.kernels.findIndex((kernel) => kernel.name === name)
      const [x, y] = [40, 4].map((bytes) => addon.allocate(bytes))
      for (let round = 0; round < 3; round++) {
        addon.upload(x, Float32Array.from({ length: 10 }, (_, i) => i + round))
        addon.arguments.buffers.set([x, y])
        addon.arguments.ints.set([0, 0, 1, 10, 1]) // sum
        addon.launch(number('reduce'), 2, 5, 0, 0)
        addon.downloadLater(y, new Float32Array(1)).then(([sum]) => console.log(sum))
      }`
    expect(inProcess(code, { CUEMU_LAZY_STREAMS: '1' })).toBe('45\n55\n65\n')
  })
})
