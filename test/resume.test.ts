import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Random } from '@limbeck/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const BIN = fileURLToPath(new URL('../packages/limbeck/bin/limbeck.js', import.meta.url))

/** Two tasks of three epochs; PLOP, because it has something to prepare and a teacher to load again. */
const CONFIG = `
data: { use: synthetic-nuclei, options: { size: 16, balanced: true, train: 12, validation: 4 } }
protocol: { tasks: 3-1 }
student: { use: unet, options: { width: 2, depth: 1 } }
method: { use: plop, options: { scales: [1, 2] } }
batch: { size: 2, augment: { brightness: 0.1 } }
epochs: [3, 3]
stepsPerEpoch: 3
logEvery: 1
`

/** Other moments: LIMBECK_FC_SEED=n. */
const seed = Number(process.env.LIMBECK_FC_SEED ?? Date.now() % 1_000_000)
const KILLS = 2
const MINUTES = 60_000

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-resume-'))
  for (const name of ['whole', 'broken'])
    await writeFile(join(home, `${name}.yaml`), `name: ${name}${CONFIG}`)
})
afterAll(() => rm(home, { recursive: true }))

interface Ended {
  readonly code: number | null
  /** Of standard output. */
  readonly lines: number
  readonly error: string
}

/** Runs `limbeck train` in a process of its own, which a signal ends when it has printed so many lines. */
async function train(
  args: readonly string[],
  killAfter = Number.POSITIVE_INFINITY,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<Ended> {
  const child = spawn(process.execPath, [BIN, 'train', ...args, '--json'], {
    cwd: home,
    env: { ...process.env, LIMBECK_BACKEND: 'ref' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let error = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text
  })
  let lines = 0
  createInterface({ input: child.stdout }).on('line', () => {
    if (++lines === killAfter) child.kill(signal)
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, lines, error }
}

const read = (run: string, ...file: readonly string[]) => readFile(join(home, 'runs', run, ...file))
const tasks = async (run: string) => JSON.parse(String(await read(run, 'result.json'))).tasks
/** Without the clock. */
const log = async (run: string) =>
  String(await read(run, 'metrics.jsonl'))
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), seconds: undefined }))

describe(`a run that is killed ${KILLS} times (LIMBECK_FC_SEED=${seed})`, () => {
  it(
    'ends bit for bit like one that was left alone',
    async () => {
      const whole = await train(['whole.yaml'])
      expect(whole).toMatchObject({ code: 0, error: '' })

      const random = new Random(seed)
      let args = ['broken.yaml']
      for (let kill = 0; kill < KILLS; kill++) {
        // the run has begun with the first line and is over with the last
        await train(args, 1 + random.integer(whole.lines - 2))
        args = ['--resume', 'runs/broken']
      }
      // the last signal may come when all is done
      const error = expect.stringMatching(/^(runs\/broken: finished before, nothing to do\n)?$/)
      expect(await train(args)).toMatchObject({ code: 0, error })

      for (const task of ['task-0', 'task-1']) {
        const weights = await read('broken', 'checkpoints', task, 'last.safetensors')
        expect(weights.equals(await read('whole', 'checkpoints', task, 'last.safetensors'))).toBe(true)
      }
      expect(await tasks('broken')).toEqual(await tasks('whole'))
      expect(await log('broken')).toEqual(await log('whole'))
    },
    3 * MINUTES,
  )
})

describe('a run that is interrupted', () => {
  it('stops at the next step and says how to go on', async () => {
    const ended = await train(['whole.yaml', '--name', 'interrupted'], 4, 'SIGINT')
    expect(ended.error).toContain('limbeck train --resume runs/interrupted')
    expect(ended.error).not.toMatch(/^\s+at /m)
    expect(ended.code).toBe(130)
  })
})
