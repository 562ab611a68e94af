import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it, test } from 'vitest'
import type { KernelSignature, LoadedAddon } from '../src/index.ts'

/** Declares tests of the N-API surface over a real device: handles, counts, reading, closing. */
export function describeAddon(name: string, loaded: LoadedAddon): void {
  if (!loaded.addon) {
    test.skip(`addon of ${name} (skipped: ${loaded.reason})`)
    return
  }
  const { addon, path } = loaded
  describe(`addon of ${name}`, () => {
    const buffers: number[] = []
    const allocate = (bytes: number): number => {
      buffers.push(addon.allocate(bytes))
      return buffers.at(-1)!
    }
    afterAll(() => {
      for (const buffer of buffers) addon.release(buffer)
    })

    const number = (kernel: string) => addon.kernels.findIndex((one) => one.name === kernel)
    const fill = (buffer: number, count: number, value: number, { ints = 2, narrow = 0 } = {}) => {
      addon.arguments.buffers[0] = buffer
      addon.arguments.ints.set([0, count])
      addon.arguments.reals[0] = value
      addon.launch(number('fill'), 1, ints, 1, narrow)
    }
    const codeOf = (call: () => unknown): string | undefined => {
      try {
        call()
      } catch (error) {
        return (error as { code?: string }).code
      }
      return undefined
    }

    it('gives back what was uploaded, waiting or not', async () => {
      const buffer = allocate(12)
      addon.upload(buffer, Float32Array.of(1, 2, 3))
      expect(addon.download(buffer, new Float32Array(3))).toEqual(Float32Array.of(1, 2, 3))
      expect(await addon.downloadLater(buffer, new Float32Array(2))).toEqual(Float32Array.of(1, 2))
    })

    it('reads what lay there when the read was asked for', async () => {
      const buffer = allocate(4 * 100_000)
      fill(buffer, 100_000, 1)
      const read = addon.downloadLater(buffer, new Float32Array(100_000))
      fill(buffer, 100_000, 2)
      expect((await read).every((value) => value === 1)).toBe(true)
      expect(addon.download(buffer, new Float32Array(1))[0]).toBe(2)
    })

    it('keeps memory for what was launched before its release', () => {
      for (let round = 0; round < 20; round++) {
        const [a, b] = [addon.allocate(4096), allocate(4096)]
        fill(a, 1024, round)
        addon.arguments.buffers.set([a, b])
        const strided = [1, ...new Array<number>(7).fill(0)]
        const lengths = [1024, ...new Array<number>(7).fill(1)]
        addon.arguments.ints.set([4, 1, ...lengths, ...strided, ...strided, 0, 0])
        addon.launch(number('copy'), 2, 28, 0, 0)
        addon.release(a)
        const c = allocate(4096)
        fill(c, 1024, -1)
        expect(addon.download(b, new Float32Array(1024)).every((value) => value === round)).toBe(true)
      }
    })

    it('names a buffer that is used or released after its release', () => {
      const buffer = addon.allocate(4)
      addon.release(buffer)
      expect(codeOf(() => addon.release(buffer))).toBe('double-free')
      expect(codeOf(() => addon.download(buffer, new Float32Array(1)))).toBe('stale-handle')
      expect(codeOf(() => fill(buffer, 1, 0))).toBe('stale-handle')
      const again = allocate(4)
      expect(again).not.toBe(buffer)
      expect(codeOf(() => fill(buffer, 1, 0))).toBe('stale-handle')
    })

    it.each([0, -1, 0.5, Number.NaN, 2 ** 60, 1])('takes %d for no buffer', (handle) => {
      expect(codeOf(() => addon.release(handle))).toBe('double-free')
    })

    it('checks counts and sizes', () => {
      const buffer = allocate(8)
      expect(codeOf(() => fill(buffer, 2, 0, { ints: 3 }))).toBe('wrong-count')
      expect(codeOf(() => addon.launch(addon.kernels.length, 0, 0, 0, 0))).toBe('wrong-argument')
      expect(codeOf(() => addon.upload(buffer, new Float32Array(3)))).toBe('out-of-bounds')
      expect(codeOf(() => addon.download(buffer, new Float32Array(3)))).toBe('out-of-bounds')
      expect(codeOf(() => addon.upload(buffer, new Float64Array(1) as never))).toBe('wrong-argument')
      expect(codeOf(() => addon.allocate(-1))).toBe('wrong-argument')
    })

    it('takes bfloat16 only where it says so', () => {
      const buffer = allocate(8)
      const fillNarrow = () => fill(buffer, 2, 1, { narrow: 1 })
      if (addon.bfloat16) {
        fillNarrow()
        expect(addon.download(buffer, new Uint8Array(4))).toEqual(Uint8Array.of(0x80, 0x3f, 0x80, 0x3f))
      } else expect(codeOf(fillNarrow)).toBe('wrong-argument')
      expect(codeOf(() => fill(buffer, 2, 0, { narrow: -1 }))).toBe('wrong-argument')
    })

    it('counts the bytes that are held', () => {
      const before = addon.memory()
      addon.resetPeak()
      const buffer = addon.allocate(1 << 20)
      expect(addon.memory().liveBytes - before.liveBytes).toBeGreaterThanOrEqual(1 << 20)
      expect(addon.memory().buffers).toBe(before.buffers + 1)
      addon.release(buffer)
      expect(addon.memory()).toMatchObject({ liveBytes: before.liveBytes, buffers: before.buffers })
      expect(addon.memory().peakBytes).toBeGreaterThanOrEqual(1 << 20)
    })

    it('survives memory that is not there', () => {
      expect(codeOf(() => addon.allocate(2 ** 46))).toBeDefined()
      expect(codeOf(() => allocate(16))).toBeUndefined()
    })

    it('says how many parameters each kernel takes', () => {
      const conv2d: KernelSignature = { name: 'conv2d', buffers: 4, ints: 16, reals: 0 }
      expect(addon.kernels[number('conv2d')]).toEqual(conv2d)
      expect(addon.describe().every(([key, value]) => key !== '' && value !== '')).toBe(true)
    })

    it('has a device for each worker thread, and ends with it while reads are under way', () => {
      const { stdout, status, stderr } = spawnSync(process.execPath, ['-e', workers, path], {
        encoding: 'utf8',
        timeout: 30_000,
      })
      expect({ stdout, status, stderr }).toEqual({ stdout: '3 3 stale-handle', status: 0, stderr: '' })
    })
  })
}

/** Three workers: two that finish, one that is ended with a read under way; handles of one mean nothing to another. */
const workers = `
const { Worker, workerData } = require('node:worker_threads')
const path = process.argv[1]
const main = require(path).open()
const handles = Array.from({ length: 8 }, () => main.allocate(4))
const task = \`
const { parentPort, workerData } = require('node:worker_threads')
const addon = require(workerData.path).open()
const x = addon.allocate(12)
addon.upload(x, Float32Array.of(1, 2, 3))
if (workerData.end) {
  for (let i = 0; i < 50; i++) addon.downloadLater(x, new Float32Array(3))
  process.exit(0)
}
let code
try { addon.release(workerData.handle) } catch (error) { code = error.code === 'double-free' ? 'stale-handle' : error.code }
addon.downloadLater(x, new Float32Array(3)).then((y) => parentPort.postMessage([y[2], code]))
\`
const run = (end) => new Promise((resolve) => {
  const worker = new Worker(task, { eval: true, workerData: { path, end, handle: handles[7] } })
  let message
  worker.on('message', (received) => { message = received })
  worker.on('exit', () => resolve(message))
})
Promise.all([run(false), run(false), run(true)]).then(([a, b]) => {
  process.stdout.write([a[0], b[0], a[1]].join(' '))
})
`
