import { ConfigError } from '@limbeck/core'
import { type ParsedConfig, parseConfig } from '../config/parse-config.ts'
import { merge } from '../config/read-config.ts'
import { STAGES } from './stage-names.ts'

/** As `merge`, but what names a part (`use`) takes its whole place, options and all. */
function replaceChoices(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const replaced = Object.entries(over).filter(([, value]) => isChoice(value))
  return { ...merge(base, over), ...Object.fromEntries(replaced) }
}

const isChoice = (value: unknown): boolean => typeof value === 'object' && value !== null && 'use' in value

/** The configs of the two networks of a two-stage experiment, valid as any other. */
export async function stageConfigs({ file, directory, config }: ParsedConfig): Promise<{
  readonly multi: ParsedConfig
  readonly binary: ParsedConfig
}> {
  const { twoStage, ...shared } = config
  const { protocol, data } = config
  if (protocol.tasks !== 'all') {
    throw new ConfigError('two-stage/tasks', 'twoStage: both networks learn all classes at once', {
      expected: 'protocol.tasks: all',
      received: JSON.stringify(protocol.tasks),
    })
  }
  const { order: _, ...orderless } = protocol
  const { use, options } = data
  const onForeground = {
    name: STAGES.binary,
    data: { use: 'merged', options: { of: { use, options }, classes: 'foreground' } },
  }
  const binary = replaceChoices({ ...shared, protocol: orderless }, twoStage?.binary ?? {})
  return {
    multi: await parseConfig({ file, directory, value: { ...shared, name: STAGES.multi } }),
    binary: await parseConfig({
      file: `${file}, twoStage.binary`,
      directory,
      value: merge(binary, onForeground),
    }),
  }
}
