import { readOrigin } from '../sampling/split-view.ts'
import type { Transform } from '../transforms/transform.ts'
import type { SampleReader } from './sample-reader.ts'

/** Reads and transforms samples in this thread; files are decoded in the background. */
export const readHere = (transform?: Transform): SampleReader => ({
  async read({ origin, random }) {
    const sample = await readOrigin(origin)
    return transform ? transform(sample, random) : sample
  },
  close: async () => {},
})
