import {
  defineDataset,
  defineMethod,
  defineMetric,
  definePlugin,
  Random,
  type Sample,
  type Split,
  term,
  z,
} from '@limbeck/core'
import { crossEntropy } from '@limbeck/losses'

const SIZE = 16

/** A toy set that a network learns in seconds: squares of three colours on grey. */
const squares = defineDataset({
  name: 'squares',
  summary: 'Squares of three colours on grey.',
  options: {
    count: z.int().positive().default(12),
    heights: z.array(z.int().min(SIZE)).min(1).default([SIZE]).describe('of one image after the other'),
  },
  open: async ({ options }) => ({
    name: 'squares',
    channels: 3,
    classes: ['background', 'red', 'green', 'blue'].map((name, id) => ({
      id,
      name,
      color: [id * 60, 80, 90] as const,
    })),
    splits: new Map(['train', 'validation'].map((name) => [name, splitOf(name, options)])),
  }),
})

function splitOf(
  name: string,
  { count, heights }: { readonly count: number; readonly heights: readonly number[] },
): Split {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`)
  return { name, ids, read: async (index) => draw(ids[index]!, heights[index % heights.length]!) }
}

function draw(id: string, height: number): Sample {
  const random = new Random(id)
  const image = Uint8Array.from({ length: height * SIZE * 3 }, () => 110 + random.integer(30))
  const labels = new Uint8Array(height * SIZE)
  for (const color of [1, 2, 3]) {
    const [top, left] = [random.integer(SIZE - 5), random.integer(SIZE - 5)]
    for (let row = top; row < top + 5; row++) {
      for (let column = left; column < left + 5; column++) {
        const at = row * SIZE + column
        labels[at] = color
        for (let c = 0; c < 3; c++) image[at * 3 + c] = c === color - 1 ? 220 : 30
      }
    }
  }
  return { id, width: SIZE, height, channels: 3, image, labels }
}

/** Looks at the data first, and then reads what no model offers. */
const astray = defineMethod({
  name: 'astray',
  summary: 'Reads a map that is not there.',
  options: {},
  async prepare({ batches }): Promise<number> {
    let count = 0
    for await (const _ of batches()) count++
    return count
  },
  recipe: () => ({
    terms: [term('ce', crossEntropy(), { logits: 'student.nowhere', labels: 'batch.labels' })],
  }),
})

/** Share of all pixels that are right. */
const accuracy = defineMetric({
  name: 'accuracy',
  summary: 'Share of pixels that are right.',
  options: {},
  compute({ classes, counts }) {
    const right = Array.from({ length: classes }, (_, c) => counts[c * classes + c]!)
    return right.reduce((sum, count) => sum + count, 0) / counts.reduce((sum, count) => sum + count, 0)
  },
})

export default definePlugin({ name: 'squares', datasets: [squares], methods: [astray], metrics: [accuracy] })
