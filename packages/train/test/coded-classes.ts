import { defineDataset, definePlugin, type Sample, type Split, type TensorBatch, z } from '@limbeck/core'

const SIDE = 4
/** Between the codes of two images, so that rounding does not mix them up. */
const INDEX_STEP = 10

/**
 * Images that say what they are: the red value of a pixel is its true class, the green value the image's number. Of
 * image i, `shown[i]` lists the classes; its pixels take turns.
 */
const codedClasses = defineDataset({
  name: 'coded-classes',
  summary: 'Images whose pixels hold their own truth.',
  options: {
    classes: z.array(z.string()),
    shown: z.array(z.array(z.int())),
    groups: z.array(z.string()).optional(),
  },
  open: async ({ options: { classes, shown, groups } }) => {
    const split = (name: string): Split => ({
      name,
      ids: shown.map((_, index) => `${name}-${index}`),
      ...(groups && { groups }),
      read: async (index) => draw(`${name}-${index}`, index, shown[index]!),
    })
    return {
      name: 'coded-classes',
      channels: 3,
      classes: ['background', ...classes].map((name, id) => ({ id, name, color: [0, 0, 0] as const })),
      splits: new Map([
        ['train', split('train')],
        ['validation', split('validation')],
      ]),
    }
  },
})

function draw(id: string, index: number, classes: readonly number[]): Sample {
  const labels = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => classes[at % classes.length]!)
  const image = new Uint8Array(SIDE * SIDE * 3)
  labels.forEach((label, at) => {
    image.set([label, index * INDEX_STEP, 0], at * 3)
  })
  return { id, width: SIDE, height: SIDE, channels: 3, image, labels }
}

/** What a network was shown of an image: of each true class, all labels that its pixels bore. */
export type SeenLabels = Map<number, Set<number>>

/** By image, what some batches show; read from the pixels, not from how the batches were made. */
export async function seenIn(batches: AsyncIterable<TensorBatch>): Promise<Map<number, SeenLabels>> {
  const seen = new Map<number, SeenLabels>()
  for await (const { images, labels } of batches) {
    const [values, shown] = [await images.data(), await labels.data()]
    shown.forEach((label, at) => {
      const truth = decode(values[at * 3]!)
      const index = decode(values[at * 3 + 1]!) / INDEX_STEP
      const image = seen.get(index) ?? new Map<number, Set<number>>()
      seen.set(index, image.set(truth, (image.get(truth) ?? new Set()).add(label)))
    })
  }
  return seen
}

/** The byte behind a value that networks see: −2..2. */
const decode = (value: number): number => Math.round((value / 4 + 0.5) * 255)

export default definePlugin({ name: 'coded-classes', datasets: [codedClasses] })
