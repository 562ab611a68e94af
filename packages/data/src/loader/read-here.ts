import type { Transform } from '../transforms/transform.ts'
import { prepareSample } from './prepare-sample.ts'
import type { SampleReader } from './sample-reader.ts'

/** Reads and transforms samples in this thread; files are decoded in the background. */
export const readHere = (transform?: Transform): SampleReader => ({
  async read({ origin: { split, index, table }, random }) {
    return prepareSample(await split.read(index), { table, transform, random })
  },
  close: async () => {},
})
