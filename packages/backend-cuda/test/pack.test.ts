import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'

const device = (name: string): string => fileURLToPath(new URL(`../device/${name}`, import.meta.url))
/** What run.sh wrote where the emulation took the place of the GPU. */
const recorded = fileURLToPath(new URL('fixtures/device.json', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'limbeck-pack-'))
afterAll(() => rmSync(folder, { recursive: true }))

const node = (...args: readonly string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { stdout, stderr, status }
}

describe('the pack for a machine with a GPU', () => {
  it('is started by a script that bash can read', () => {
    const { stderr, status } = spawnSync('bash', ['-n', device('run.sh')], { encoding: 'utf8' })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  })

  it('names its stages where one is unknown', () => {
    const { stderr, status } = node(device('run.mjs'), folder, 'biuld')
    expect(status).toBe(2)
    expect(stderr).toMatch(/received .*biuld\nusage: .*\nstages: build, tests, conformance, .*bench\n$/)
  })

  it('counts the tests of a program by the lines that it prints', async () => {
    const { countsOf, nativeTests } = await import(device('counts.mjs'))
    const output = 'ok   sums (a, b) (3 ms)\nFAIL pools (12 ms): y[3] = 1, expected 2 ± 0\n1 of 2 passed\n'
    expect(countsOf(nativeTests(output))).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
      failures: [{ name: 'pools', message: 'y[3] = 1, expected 2 ± 0' }],
    })
  })

  it('keeps one finding of compute-sanitizer for each kind and place', async () => {
    const { sanitizerFindings } = await import(device('counts.mjs'))
    const write = (thread: number) => `========= Invalid __global__ write of size 4 bytes
=========     at void turnAround<(Fault)2>(float *)+0x1a0
=========     by thread (${thread},0,0) in block (0,0,0)\n`
    const output = `========= COMPUTE-SANITIZER\n${write(62)}${write(63)}========= ERROR SUMMARY: 2 errors\n`
    expect(sanitizerFindings(output)).toEqual({ errors: 2, findings: [write(63).trimEnd()] })
    expect(
      sanitizerFindings('========= RACECHECK SUMMARY: 3 hazards displayed (3 errors, 0 warnings)'),
    ).toEqual({ errors: 3, findings: [] })
    expect(sanitizerFindings('========= ERROR SUMMARY: 0 errors')).toEqual({ errors: 0, findings: [] })
  })
})

describe('npm run device:results', () => {
  const { commit } = JSON.parse(readFileSync(recorded, 'utf8')) as { commit: string }
  const onGpu = join(folder, 'device.json')
  writeFileSync(
    onGpu,
    JSON.stringify({ ...JSON.parse(readFileSync(recorded, 'utf8')), gpu: 'NVIDIA H200', device: 'cuda' }),
  )
  const results = (...args: readonly string[]) => node(device('results.mjs'), '--into', folder, ...args)

  it('keeps the numbers, and a table with every stage and every benchmark', () => {
    expect(results(onGpu, '--commit', commit)).toMatchObject({ status: 0, stderr: '' })
    const table = readFileSync(join(folder, 'cuda-nvidia-h200.txt'), 'utf8')
    for (const part of [
      commit,
      /^build +passed/m,
      /^conformance +passed +\d+ +2\d\d\d +0/m,
      /^sanitize +skipped/m,
      /^training step/m,
      /^convolution, TFLOP\/s/m,
      /^memory, GB\/s/m,
      'no GPU for PyTorch',
    ])
      expect(table).toMatch(part)
    const kept = JSON.parse(readFileSync(join(folder, 'cuda-nvidia-h200.json'), 'utf8'))
    expect(kept).toEqual(JSON.parse(readFileSync(onGpu, 'utf8')))
  })

  it('takes each stage from the last file that has it', () => {
    const later = join(folder, 'later.json')
    const first = JSON.parse(readFileSync(onGpu, 'utf8'))
    writeFileSync(
      later,
      JSON.stringify({ ...first, stages: [{ stage: 'golden', status: 'cut', seconds: 1 }] }),
    )
    expect(results(onGpu, later, '--commit', commit).status).toBe(0)
    const { stages } = JSON.parse(readFileSync(join(folder, 'cuda-nvidia-h200.json'), 'utf8'))
    expect(stages).toHaveLength(first.stages.length)
    expect(stages.find(({ stage }: { stage: string }) => stage === 'golden').status).toBe('cut')
  })

  it('refuses what ran on other sources or without a GPU, unless it is forced to', () => {
    const other = results(onGpu, '--commit', 'f00')
    expect(other.status).toBe(1)
    expect(other.stderr).toContain(`it was measured on commit ${commit}, expected f00`)
    const emulated = results(recorded, '--commit', commit)
    expect(emulated.status).toBe(1)
    expect(emulated.stderr).toContain('there was no GPU')
    expect(results(recorded, '--commit', commit, '--force').status).toBe(0)
  })
})
