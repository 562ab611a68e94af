import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folder, verify } from '@limbeck/data'
import { describe, expect, it } from 'vitest'
import { sharedData } from './shared-data.ts'

interface Manifest {
  readonly statistics: Record<string, { images: number; pixelFractionPercent?: Record<string, number> }>
}

/** What each set's manifest says of it, counted again from what we read. */
describe.each(['consep', 'wbc', 'dsb2018', 'acdc', 'nucls-mini'])('%s', (name) => {
  const { path, absent } = sharedData(name)

  it.skipIf(absent)(`has the images and the class shares of its manifest${absent}`, async () => {
    const { statistics } = JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Manifest
    const dataset = await folder.open({ options: { path }, directory: '/' })
    await verify(dataset, [...dataset.splits.keys()])
    for (const [split, { images, pixelFractionPercent = {} }] of Object.entries(statistics)) {
      const { ids, read } = dataset.splits.get(split)!
      expect(ids, split).toHaveLength(images)
      const counts = new Float64Array(256)
      for (const index of ids.keys()) for (const id of (await read(index)).labels) counts[id]!++
      const total = counts.reduce((sum, count) => sum + count, 0)
      for (const { id, name: className } of dataset.classes) {
        const expected = pixelFractionPercent[className]
        if (expected === undefined) continue
        expect((100 * counts[id]!) / total, `${split}, ${className}`).toBeCloseTo(expected, 2)
      }
    }
  })
})
