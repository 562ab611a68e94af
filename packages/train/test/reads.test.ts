import { fileURLToPath } from 'node:url'
import { type DatasetFactory, selectBackend } from '@limbeck/core'
import { createRegistry, openExperiment, parseConfig } from '@limbeck/train'
import { expect, it } from 'vitest'
import squares from './squares.ts'

/** The data set, writing down which samples it is asked for. */
const counted = (factory: DatasetFactory, reads: string[]): DatasetFactory => ({
  ...factory,
  async open(at) {
    const dataset = await factory.open(at)
    const splits = [...dataset.splits].map(([name, split]) => {
      const read = (index: number) => {
        reads.push(split.ids[index]!)
        return split.read(index)
      }
      return [name, { ...split, read }] as const
    })
    return { ...dataset, splits: new Map(splits) }
  },
})

it.each(['none', 'rare-classes'])(
  'each image is read once before the first step, though memory keeps none and balance is %s',
  async (balance) => {
    await selectBackend({ argument: 'ref' })
    const directory = fileURLToPath(new URL('.', import.meta.url))
    const value = {
      name: 'reads',
      plugins: ['./squares.ts'],
      data: { use: 'squares', cache: { memoryMiB: 0 } },
      student: { use: 'unet', options: { width: 2, depth: 1 } },
      method: { use: 'fine-tune' },
      protocol: { tasks: '1-1' },
      batch: { size: 4, balance },
    }
    const parsed = await parseConfig({ file: 'reads.yaml', directory, value })
    const reads: string[] = []
    const datasets = squares.datasets!.map((factory) => counted(factory, reads))
    const registry = createRegistry([{ ...squares, datasets }])
    const { close } = await openExperiment({ ...parsed, registry })
    expect(reads).toHaveLength(24)
    expect(new Set(reads).size).toBe(24)
    await close()
  },
)
