import { ConfigError } from '@limbeck/core'
import { parseConfig, readConfig } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { evaluateSplit } from '../evaluate-split.ts'
import { openRecords } from '../evaluation-records.ts'
import { checksumOf, fileChecksum } from '../file-checksum.ts'
import { inferenceFlags, inferenceFrom } from '../inference-flags.ts'
import { measureFlags, withMeasures } from '../measure-flags.ts'
import { modelArgument, openModel } from '../open-model.ts'
import { pluginFlag } from '../plugins.ts'
import { taskTable } from '../task-table.ts'

export const evaluate = defineCommand({
  name: 'eval',
  summary: 'Measures a trained model on a split of a data set',
  details: 'Classes of the data set and of the model are matched by name.',
  arguments: [modelArgument],
  flags: {
    data: { takes: 'CONFIG', summary: "a config whose data set to use (default: the run's own)" },
    split: { takes: 'NAME', summary: "name of the split (default: the config's validation split)" },
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …' },
    plugin: pluginFlag,
    ...measureFlags,
    ...inferenceFlags,
    resume: { takes: 'FILE', summary: 'keeps in FILE what each image gives, and goes on with what it holds' },
    json: { summary: 'print JSON' },
  },
  async run({ args, flags, terminal, started }) {
    const opened = await openModel(args[0]!, { backend: flags.backend, plugins: flags.plugin })
    const parsed = flags.data === undefined ? opened.run : await parseConfig(await readConfig(flags.data))
    if (!parsed) {
      throw new ConfigError(
        'usage/no-data',
        `${opened.file}: lies in no run directory, so its data is unknown`,
        {
          hint: 'name a config with --data; any config whose data set has the same class names will do',
        },
      )
    }
    const { config, ...rest } = { ...parsed, config: withMeasures(parsed.config, flags) }
    const { batchSize, ...inference } = inferenceFrom(flags, {
      ...config.inference,
      batchSize: config.batch.size,
    })
    const asked = { ...config, inference, batch: { ...config.batch, size: batchSize } }
    const measured = await evaluateSplit(
      opened,
      { ...rest, config: asked },
      {
        split: flags.split,
        started,
        records: async ({ ids, ...evaluated }) =>
          flags.resume === undefined
            ? undefined
            : openRecords(flags.resume, {
                model: await fileChecksum(opened.file),
                ...evaluated,
                images: checksumOf(JSON.stringify(ids)),
                ...{ inference, metrics: asked.metrics },
              }),
      },
    )
    const { split, images, metrics, unknownClasses } = measured
    if (unknownClasses.length > 0) {
      const treated = config.protocol.futureAs === 'ignore' ? 'ignored' : 'counted as background'
      terminal.error(`classes that the model does not know are ${treated}: ${unknownClasses.join(', ')}`)
    }
    const title = `${opened.file} on ${images} images of "${split}"`
    terminal.out(flags.json ? JSON.stringify(measured) : taskTable({ title, metrics }))
    return 0
  },
})
