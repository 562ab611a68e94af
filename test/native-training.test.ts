import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { registerCuda } from '@limbeck/backend-cuda'
import { registerSimd } from '@limbeck/backend-simd'
import { main } from '@limbeck/cli'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const CONFIG = fileURLToPath(new URL('../examples/synthetic-3-1.yaml', import.meta.url))
const STEPS_PER_TASK = 10

/** The example, two tasks with PLOP, as a run of 20 steps. */
const SETTINGS = [
  'seed=2',
  'data.options.size=24',
  'data.options.train=12',
  'data.options.validation=4',
  'student.options.width=4',
  'batch.size=2',
  'epochs=[1,1]',
  `stepsPerEpoch=${STEPS_PER_TASK}`,
  'logEvery=1',
]

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-native-'))
})
afterAll(() => rm(home, { recursive: true }))

/** The loss of each step of `limbeck train`. */
async function losses(backend: string): Promise<readonly number[]> {
  vi.stubEnv('LIMBECK_BACKEND', backend)
  const errors: string[] = []
  const settings = SETTINGS.flatMap((setting) => ['--set', setting])
  const args = ['train', CONFIG, '--name', backend, '--runs', home, ...settings]
  const code = await main(args, { out: () => {}, error: (text) => errors.push(text) })
  vi.unstubAllEnvs()
  expect({ code, errors: errors.join('\n') }).toMatchObject({ code: 0 })
  const log = await readFile(join(home, backend, 'metrics.jsonl'), 'utf8')
  const records = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly kind: string; readonly total: number })
  return records.filter(({ kind }) => kind === 'step').map(({ total }) => total)
}

describe('limbeck train', () => {
  let expected: Promise<readonly number[]>
  beforeAll(() => {
    expected = losses('ref')
    return expected
  })

  const backends = { simd: registerSimd(), 'cuda-emulated': registerCuda('cuda-emulated') }
  for (const [backend, skip] of Object.entries(backends)) {
    const why = skip ? ` (skipped: ${skip})` : ''
    it.skipIf(skip)(`on ${backend} has the losses of ref through both tasks of PLOP${why}`, async () => {
      const actual = await losses(backend)
      expect(actual).toHaveLength(2 * STEPS_PER_TASK)
      for (const [step, loss] of (await expected).entries()) {
        expect(Math.abs(actual[step]! / loss - 1), `step ${step}`).toBeLessThan(1e-3)
      }
    })
  }
})
