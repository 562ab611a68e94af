import { join } from 'node:path'
import { pathExists } from '@limbeck/data'
import { comparisonMarkdown, type FinishedFolds, type FinishedRun, RunDirectory } from '@limbeck/train'
import type { FoldsLine, ResultLine } from './progress/json-lines.ts'
import { taskTable } from './task-table.ts'
import type { Terminal } from './terminal.ts'
import { textTable } from './text-table.ts'

/** What `limbeck train` prints in the end: the numbers and where everything lies, or one line of JSON. */
export async function describeOutcome(
  outcome: FinishedRun | FinishedFolds,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): Promise<string> {
  if ('folds' in outcome) return json ? foldsLine(outcome) : foldsText(outcome)
  if (outcome.wasFinished) terminal.error(`${outcome.directory}: finished before, nothing to do`)
  return json ? runLine(outcome) : runText(outcome)
}

const runLine = ({ directory, result }: FinishedRun): string =>
  JSON.stringify({ kind: 'result', directory, result } satisfies ResultLine)

const foldsLine = ({ directory, folds }: FinishedFolds): string =>
  JSON.stringify({
    kind: 'result',
    directory,
    folds: folds.map(({ result }) => result),
  } satisfies FoldsLine)

async function runText({ directory, result }: FinishedRun): Promise<string> {
  const last = new RunDirectory(directory).taskDirectory(result.tasks.length - 1)
  return [
    ...result.tasks.map((task) => taskTable({ title: `task ${task.name}`, metrics: task.metrics })),
    await placesText([
      ['run', directory],
      ['models', last],
      ['report', join(directory, 'report.html')],
      ['predictions', join(directory, 'predictions')],
      ['predictions', join(directory, 'combine')],
    ]),
  ].join('\n\n')
}

async function foldsText({ directory, comparison }: FinishedFolds): Promise<string> {
  const places = await placesText([
    ['runs', directory],
    ['report', join(directory, 'report.html')],
  ])
  return `${comparisonMarkdown(comparison)}\n${places}`
}

/** Those of the places that exist. */
async function placesText(places: readonly (readonly [name: string, path: string])[]): Promise<string> {
  const existing = await Promise.all(places.map(([, path]) => pathExists(path)))
  return textTable(
    places.filter((_, index) => existing[index]),
    { align: 'left' },
  )
}
