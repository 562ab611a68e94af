import { join } from 'node:path'
import { ConfigError } from '@limbeck/core'
import { writeFolder } from '@limbeck/data'
import { defineCommand } from '../../command.ts'
import { dataArgument, dataFlags, openDataSource } from '../../data-source.ts'
import { showCount } from '../../progress/show-count.ts'

export const convert = defineCommand({
  name: 'data convert',
  summary: 'Writes a data set as a folder of PNG files',
  details: [
    'images/ (8 or 16 bits, as the source has them), masks/ (8 bits, class ids, 255 ignored), instances/ (16 bits, where',
    'the set knows objects apart), manifest.json, splits.json, and groups.json where the set knows patients, slides or',
    'tiles. A conversion that was broken off goes on when it is called again.',
  ].join('\n'),
  arguments: [dataArgument],
  flags: { ...dataFlags, out: { takes: 'DIR', summary: 'the directory to write; new, or broken off' } },
  async run({ args: [target], flags, terminal, started }) {
    const { out } = flags
    if (out === undefined) {
      throw new ConfigError('usage/missing-flag', 'limbeck data convert: --out is missing', {
        expected: '--out DIR',
      })
    }
    const { use, options, dataset } = await openDataSource(target, flags)
    started()
    const progress = showCount(terminal, 'images written')
    await writeFolder(dataset, out, { source: { use, options }, onProgress: progress.show })
    progress.end()
    const counts = [...dataset.splits.values()].map(({ name, ids }) => `${ids.length} ${name}`)
    terminal.out(`${join(out, 'manifest.json')}: ${dataset.name}, ${counts.join(', ')}`)
    return 0
  },
})
