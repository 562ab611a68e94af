import { resolve } from 'node:path'
import { ConfigError, type Plugin, selectBackend } from '@limbeck/core'
import { loadPlugin } from '@limbeck/train'
import type { Check } from '../check-plugin/check.ts'
import { checkDescription, type Description } from '../check-plugin/check-description.ts'
import { checkLoss } from '../check-plugin/check-loss.ts'
import { checkMethod } from '../check-plugin/check-method.ts'
import { checkModel } from '../check-plugin/check-model.ts'
import { defineCommand } from '../command.ts'
import { KINDS } from '../kinds.ts'
import { textTable } from '../text-table.ts'

export const checkPlugin = defineCommand({
  name: 'check-plugin',
  summary: 'Tries a plugin on small random tensors',
  details: [
    'Losses: finite value, no gradient to targets, gradients against central differences in float64, the same on all',
    'backends. Models: announced shapes, odd sizes, gradients, new classes. Methods: two tasks on a tiny U-Net.',
    'All: documentation of them and of their options, which refuse what they do not know.',
  ].join('\n'),
  arguments: [{ name: 'FILE', summary: 'a plugin: .ts or .js with a default export' }],
  flags: {
    options: { takes: 'NAME=JSON', many: true, summary: 'options of one part, where defaults are missing' },
    json: { summary: 'print JSON' },
  },
  async run({ args, flags, terminal, started }) {
    const plugin = await loadPlugin(resolve(args[0]!), process.cwd())
    const options = new Map(flags.options.map(parseAssignment))
    await selectBackend({ argument: 'ref' })
    started()
    const checks = await checkAll(plugin, options)
    terminal.out(flags.json ? JSON.stringify(checks, null, 2) : asText(plugin, checks))
    return checks.some(({ failure }) => failure !== undefined) ? 1 : 0
  },
})

type Options = Readonly<Record<string, unknown>>

function parseAssignment(text: string): [name: string, options: Options] {
  const at = text.indexOf('=')
  try {
    if (at > 0) return [text.slice(0, at), JSON.parse(text.slice(at + 1)) as Options]
  } catch {
    // falls through to the error for both mistakes
  }
  throw new ConfigError('usage/options', 'limbeck check-plugin: --options cannot be read', {
    expected: `a name and JSON: my-loss='{"power": 3}'`,
    received: text,
  })
}

async function checkAll(plugin: Plugin, options: ReadonlyMap<string, Options>): Promise<Check[]> {
  const checks: Check[] = []
  for (const { kind, singular } of KINDS) {
    for (const { spec } of plugin[kind] ?? []) {
      checks.push(...(await checkDescription(`${singular} ${spec.name}`, spec as Description)))
    }
  }
  for (const loss of plugin.losses ?? []) {
    checks.push(...(await checkLoss(`loss ${loss.spec.name}`, loss, options.get(loss.spec.name))))
  }
  for (const model of plugin.models ?? []) {
    checks.push(...(await checkModel(`model ${model.spec.name}`, model, options.get(model.spec.name))))
  }
  for (const method of plugin.methods ?? []) {
    checks.push(...(await checkMethod(`method ${method.spec.name}`, method, options.get(method.spec.name))))
  }
  return checks
}

function asText({ name }: Plugin, checks: readonly Check[]): string {
  const rows = checks.flatMap(({ subject, what, failure, skipped }) => {
    const mark = failure !== undefined ? 'FAILED' : skipped !== undefined ? '–' : 'ok'
    const why = (failure ?? skipped ?? '').split('\n').filter((line) => line !== '')
    return [[mark, subject, what], ...why.map((line) => ['', '', line])]
  })
  const failures = checks.filter(({ failure }) => failure !== undefined).length
  const verdict = failures === 0 ? 'all is well' : `${failures} of ${checks.length} checks failed`
  return `${textTable(rows, { align: 'left' })}\n\nplugin "${name}": ${verdict}`
}
