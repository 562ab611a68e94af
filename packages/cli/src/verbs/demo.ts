import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@limbeck/core'
import { atMost, makeDirectory } from '@limbeck/data'
import { compareRuns, comparisonPage, readRun } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { Board } from '../demo/board.ts'
import { type DemoResult, demoScores, demoSentence, demoTable } from '../demo/demo-result.ts'
import { labelOf, METHODS, runSeed, type SeedRuns } from '../demo/run-seed.ts'
import { Interrupted } from '../interrupt.ts'
import { textTable } from '../text-table.ts'

export const demo = defineCommand({
  name: 'demo',
  summary: 'Shows forgetting and its cure on drawn images: seconds on simd, minutes on the reference',
  details: [
    'A teacher learns three types of nuclei. Then only the fourth type is labelled, and two students go on from the',
    'same teacher, side by side: one is fine-tuned, one is taught by PLOP. No download, no GPU.',
  ].join('\n'),
  arguments: [],
  flags: {
    seeds: { takes: 'N', summary: 'repeat with seeds 1 to N, as many runs at a time as there are cores' },
    runs: { takes: 'DIR', summary: 'where run directories lie (default: runs)' },
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …' },
    json: { summary: 'print the result as JSON' },
  },
  async run({ flags, terminal, started }) {
    const seeds = Array.from({ length: requireCount(flags.seeds ?? '1') }, (_, index) => index + 1)
    const runs = flags.runs ?? 'runs'
    const began = performance.now()
    const labels = seeds.flatMap((seed) =>
      ['teacher' as const, ...METHODS].map((role) => labelOf(seed, role)),
    )
    const board = new Board(terminal, labels)
    const abort = new AbortController()
    const interrupt = () => abort.abort()
    process.once('SIGINT', interrupt)
    started()
    try {
      const slot = atMost(availableParallelism())
      const finished = await Promise.all(
        seeds.map((seed) =>
          runSeed({
            seed,
            runs,
            slot,
            backend: flags.backend,
            signal: abort.signal,
            onLine: (label, line) => board.update(label, line),
          }),
        ),
      )
      const scores = demoScores(finished)
      const result: DemoResult = {
        seconds: (performance.now() - began) / 1000,
        seeds: finished,
        scores,
        sentence: demoSentence(scores),
        comparison: await writeComparison(runs, finished),
      }
      board.end()
      terminal.out(flags.json ? JSON.stringify(result) : asText(result))
      return 0
    } catch (error) {
      const interrupted = abort.signal.aborted
      abort.abort()
      if (interrupted) throw new Interrupted('demo/interrupted', 'stopped')
      throw error
    } finally {
      process.removeListener('SIGINT', interrupt)
      board.end()
    }
  },
})

function requireCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new ConfigError('usage/count', 'limbeck demo: --seeds takes a whole number above 0', {
    received: text,
  })
}

/** One page for all students; where each one started is no difference between methods. */
async function writeComparison(runs: string, seeds: readonly SeedRuns[]): Promise<string> {
  const directories = METHODS.flatMap((method) => seeds.map(({ students }) => students[method].directory))
  const records = await Promise.all(directories.map(readRun))
  const alike = records.map(({ config: { startFrom: _, ...config } = {}, ...record }) => ({
    ...record,
    config,
  }))
  const path = join(runs, 'demo.html')
  await makeDirectory(runs)
  await writeFile(path, comparisonPage(compareRuns(alike)))
  return path
}

function asText({ scores, sentence, comparison, seeds }: DemoResult): string {
  const directories = seeds.flatMap(({ seed, teacher, students }) => [
    [labelOf(seed, 'teacher'), teacher.directory],
    ...METHODS.map((method) => [labelOf(seed, method), students[method].directory]),
  ])
  return [
    demoTable(scores),
    sentence,
    'Each run directory holds report.html and samples/*.png (image | truth | prediction):',
    textTable([...directories, ['comparison', comparison]], { align: 'left', indent: 2 }),
  ].join('\n\n')
}
