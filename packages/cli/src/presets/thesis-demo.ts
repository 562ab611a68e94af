import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BackendError, type Registry, selectBackend } from '@limbeck/core'
import { createRegistry, parseConfig, STAGES, stageConfigs } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { describeOutcome } from '../describe-outcome.ts'
import { recogniseDataset } from '../recognise-dataset.ts'
import type { RunTarget } from '../resume.ts'
import { outputFlags, runTraining } from '../run-training.ts'
import { describeSettings } from './thesis-demo-banner.ts'
import { thesisDemoConfig } from './thesis-demo-config.ts'
import { readSettings, type ThesisDemoSettings, thesisDemoFlags } from './thesis-demo-flags.ts'

/** The demo program of the thesis on class imbalance, flag for flag of its Table 5.1; see docs/thesis-demo.md. */
export const thesisDemo = defineCommand({
  name: 'train --preset thesis-demo',
  summary:
    'Trains and combines a multi-class and a binary network, with the flags of the thesis on class imbalance',
  details: [
    'Everything goes to DIR/DATE_TIME: multi_class and binary_class are runs, combine holds the pictures of the',
    'combination, and the directory itself is the run of the combined model. Flags that take 0|1 are of the thesis;',
    'docs/thesis-demo.md says what each one stands for in a config. A run that was stopped goes on with',
    'limbeck train --resume DIR/DATE_TIME.',
  ].join('\n'),
  arguments: [],
  flags: {
    ...thesisDemoFlags,
    runs: { takes: 'DIR', summary: 'where run directories lie (default: results)' },
    set: { takes: 'KEY=VALUE', many: true, summary: 'replaces a value of the config that the flags make' },
    ...outputFlags,
  },
  async run({ flags, terminal, started }) {
    const settings = readSettings(flags)
    const registry = createRegistry()
    const sets = await Promise.all(settings.paths.map((path) => setAt(path, registry)))
    const name = timestamp(new Date())
    const parsed = await parseConfig(
      { file: 'thesis-demo', directory: process.cwd(), value: { name, ...thesisDemoConfig(settings, sets) } },
      flags.set,
    )
    const backend = await backendOf(settings)
    const runs = flags.runs ?? 'results'
    const home = join(runs, name)
    if (!flags.json && !flags.quiet) terminal.error(describeSettings(settings, home))
    for (const target of await targetsOf(settings, { parsed, runs, resume: false })) {
      const outcome = await runTraining(target, {
        ...flags,
        replace: false,
        backend,
        terminal,
        started,
      })
      terminal.out(await describeOutcome(outcome, { terminal, json: flags.json }))
    }
    if (!settings.save) await forgetModels(home)
    return 0
  },
})

/** `cpu` is what PyTorch calls it: here the native backend, or the reference where that is not built. */
async function backendOf({ device }: ThesisDemoSettings): Promise<string | undefined> {
  if (device !== 'cpu') return device
  try {
    return (await selectBackend({ argument: 'simd' })).name
  } catch (error) {
    if (error instanceof BackendError) return 'ref'
    throw error
  }
}

/** The combination, or each network that is asked for in a run of its own. */
async function targetsOf(
  { multiClass, binaryClass, combine }: ThesisDemoSettings,
  combined: RunTarget,
): Promise<RunTarget[]> {
  if (combine) return [combined]
  const { multi, binary } = await stageConfigs(combined.parsed)
  const runs = join(combined.runs, combined.parsed.config.name)
  const alone = (parsed: RunTarget['parsed']): RunTarget => ({ parsed, runs, resume: false })
  return [...(multiClass ? [alone(multi)] : []), ...(binaryClass ? [alone(binary)] : [])]
}

async function setAt(path: string, registry: Registry) {
  const absolute = resolve(path)
  const hint = 'docs/your-data.md shows how directories are laid out; limbeck list datasets names all sets'
  return { use: await recogniseDataset(absolute, { registry, hint }), options: { path: absolute } }
}

/** `--save 0`: what the run found stays, its weights do not. */
async function forgetModels(home: string): Promise<void> {
  for (const run of [home, ...Object.values(STAGES).map((stage) => join(home, stage))]) {
    await rm(join(run, 'checkpoints'), { recursive: true, force: true })
    await rm(join(run, 'snapshot.safetensors'), { force: true })
  }
}

/** `2022-05-14_14-24-26`, local time; the thesis's colons and space are no good in paths. */
function timestamp(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day}_${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join('-')}`
}
