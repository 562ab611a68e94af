import { fileURLToPath } from 'node:url'
import { selectBackend } from '@limbeck/core'
import { batches } from '@limbeck/data'
import { openExperiment, parseConfig, upload } from '@limbeck/train'
import { beforeAll, describe, expect, it } from 'vitest'
import { type SeenLabels, seenIn } from './coded-classes.ts'

const VOID = 255

/** Classes a = 1, b = 2, c = 3, d = 4. Background alone, every kind of company, and pixels that nobody labelled. */
const SHOWN = [
  [0],
  [0, 1],
  [0, 1, 2],
  [0, 2],
  [0, 3],
  [0, 2, 3],
  [0, 4],
  [0, 1, 4],
  [0, 3, 4, VOID],
  [VOID],
  [0, 1, 2, 3, 4],
]
const EVERY_IMAGE = [...SHOWN.keys()]

const open = async (protocol: object, over: object = {}) =>
  openExperiment(
    await parseConfig({
      file: 'test.yaml',
      directory: fileURLToPath(new URL('.', import.meta.url)),
      value: {
        name: 'protocols',
        plugins: ['./coded-classes.ts'],
        data: { use: 'coded-classes', options: { classes: ['a', 'b', 'c', 'd'], shown: SHOWN } },
        student: { use: 'unet', options: { width: 2, depth: 1 } },
        method: { use: 'fine-tune' },
        batch: { size: 2, augment: { flip: true, rotate: true } },
        stepsPerEpoch: 30,
        protocol,
        ...over,
      },
    }),
  )

/** What a class is to a task: the label that its pixels bear. In the order of the ids 0, a, b, c, d and 255. */
type Row = readonly [background: number, a: number, b: number, c: number, d: number, unlabelled: number]
interface Expected {
  readonly train: Row
  /** Images that take part in training; all take part in the evaluation. */
  readonly images: readonly number[]
  readonly evaluation: Row
}
type Case = readonly [name: string, protocol: object, tasks: readonly Expected[], over?: object]

const PROTOCOLS: readonly Case[] = [
  [
    'all classes at once',
    { tasks: 'all' },
    [{ train: [0, 1, 2, 3, 4, VOID], images: EVERY_IMAGE, evaluation: [0, 1, 2, 3, 4, VOID] }],
  ],
  [
    '2-1 overlapped: old and future classes look like background',
    { tasks: '2-1', setting: 'overlapped' },
    [
      { train: [0, 1, 2, 0, 0, VOID], images: [1, 2, 3, 5, 7, 10], evaluation: [0, 1, 2, VOID, VOID, VOID] },
      { train: [0, 0, 0, 3, 0, VOID], images: [4, 5, 8, 10], evaluation: [0, 1, 2, 3, VOID, VOID] },
      { train: [0, 0, 0, 0, 4, VOID], images: [6, 7, 8, 10], evaluation: [0, 1, 2, 3, 4, VOID] },
    ],
  ],
  [
    '2-1 disjoint: as overlapped, without images of the future',
    { tasks: '2-1', setting: 'disjoint' },
    [
      { train: [0, 1, 2, 0, 0, VOID], images: [1, 2, 3], evaluation: [0, 1, 2, VOID, VOID, VOID] },
      { train: [0, 0, 0, 3, 0, VOID], images: [4, 5], evaluation: [0, 1, 2, 3, VOID, VOID] },
      { train: [0, 0, 0, 0, 4, VOID], images: [6, 7, 8, 10], evaluation: [0, 1, 2, 3, 4, VOID] },
    ],
  ],
  [
    '2-1 sequential: old classes stay labelled',
    { tasks: '2-1', setting: 'sequential' },
    [
      { train: [0, 1, 2, 0, 0, VOID], images: [1, 2, 3, 5, 7, 10], evaluation: [0, 1, 2, VOID, VOID, VOID] },
      { train: [0, 1, 2, 3, 0, VOID], images: [4, 5, 8, 10], evaluation: [0, 1, 2, 3, VOID, VOID] },
      { train: [0, 1, 2, 3, 4, VOID], images: [6, 7, 8, 10], evaluation: [0, 1, 2, 3, 4, VOID] },
    ],
  ],
  [
    '3-1 where future classes are background in the evaluation too',
    { tasks: '3-1', futureAs: 'background' },
    [
      { train: [0, 1, 2, 3, 0, VOID], images: [1, 2, 3, 4, 5, 7, 8, 10], evaluation: [0, 1, 2, 3, 0, VOID] },
      { train: [0, 0, 0, 0, 4, VOID], images: [6, 7, 8, 10], evaluation: [0, 1, 2, 3, 4, VOID] },
    ],
  ],
  [
    '3-1 in another order: channels follow the order',
    { tasks: '3-1', order: ['d', 'b', 'a', 'c'] },
    [
      {
        train: [0, 3, 2, 0, 1, VOID],
        images: [1, 2, 3, 5, 6, 7, 8, 10],
        evaluation: [0, 3, 2, VOID, 1, VOID],
      },
      { train: [0, 0, 0, 4, 0, VOID], images: [4, 5, 8, 10], evaluation: [0, 3, 2, 4, 1, VOID] },
    ],
  ],
  [
    'lists that leave b out, overlapped: b is never more than background',
    { tasks: [['c'], ['a', 'd']] },
    [
      { train: [0, 0, 0, 1, 0, VOID], images: [4, 5, 8, 10], evaluation: [0, VOID, VOID, 1, VOID, VOID] },
      { train: [0, 2, 0, 0, 3, VOID], images: [1, 2, 6, 7, 8, 10], evaluation: [0, 2, VOID, 1, 3, VOID] },
    ],
  ],
  [
    'lists that leave b out, disjoint: images of b take part in nothing',
    { tasks: [['c'], ['a', 'd']], setting: 'disjoint' },
    [
      { train: [0, 0, 0, 1, 0, VOID], images: [4], evaluation: [0, VOID, VOID, 1, VOID, VOID] },
      { train: [0, 2, 0, 0, 3, VOID], images: [1, 6, 7, 8], evaluation: [0, 2, VOID, 1, 3, VOID] },
    ],
  ],
  [
    'joint, which sees all tasks so far: never the future',
    { tasks: '2-1' },
    [
      { train: [0, 1, 2, 0, 0, VOID], images: [1, 2, 3, 5, 7, 10], evaluation: [0, 1, 2, VOID, VOID, VOID] },
      {
        train: [0, 1, 2, 3, 0, VOID],
        images: [1, 2, 3, 4, 5, 7, 8, 10],
        evaluation: [0, 1, 2, 3, VOID, VOID],
      },
      { train: [0, 1, 2, 3, 4, VOID], images: EVERY_IMAGE, evaluation: [0, 1, 2, 3, 4, VOID] },
    ],
    { method: { use: 'joint' } },
  ],
  [
    'all foreground as one class',
    { tasks: 'all' },
    [{ train: [0, 1, 1, 1, 1, VOID], images: EVERY_IMAGE, evaluation: [0, 1, 1, 1, 1, VOID] }],
    { data: { use: 'merged', options: { of: codedSet(), classes: 'foreground' } } },
  ],
  [
    'b and d as one class, which comes first',
    { tasks: '1-1', order: ['late', 'a', 'c'] },
    [
      {
        train: [0, 0, 1, 0, 1, VOID],
        images: [2, 3, 5, 6, 7, 8, 10],
        evaluation: [0, VOID, 1, VOID, 1, VOID],
      },
      { train: [0, 2, 0, 0, 0, VOID], images: [1, 2, 7, 10], evaluation: [0, 2, 1, VOID, 1, VOID] },
      { train: [0, 0, 0, 3, 0, VOID], images: [4, 5, 8, 10], evaluation: [0, 2, 1, 3, 1, VOID] },
    ],
    { data: { use: 'merged', options: { of: codedSet(), classes: { late: ['b', 'd'] } } } },
  ],
  [
    'one organ of a set of several: the others look like background',
    { tasks: 'all' },
    [{ train: [0, 0, 0, 1, 0, VOID], images: [...EVERY_IMAGE], evaluation: [0, 0, 0, 1, 0, VOID] }],
    { data: { use: 'single-organ', options: { of: codedSet(), organ: 'c', deal: [] } } },
  ],
]

function codedSet() {
  return { use: 'coded-classes', options: { classes: ['a', 'b', 'c', 'd'], shown: SHOWN } }
}

beforeAll(() => selectBackend({ argument: 'ref' }))

describe.each(PROTOCOLS.map((one) => [one[0], one] as const))('%s', (_, [, protocol, tasks, over]) => {
  it('has these tasks, and says of each how many images take part', async () => {
    const { experiment, labels } = await open(protocol, over)
    expect(experiment.tasks).toHaveLength(tasks.length)
    expect(labels.map(({ images, of }) => [images, of])).toEqual(
      tasks.map(({ images }) => [images.length, SHOWN.length]),
    )
  })

  it.each([...tasks.entries()])(
    'task %i trains on these images and labels, and no others',
    async (index, expected) => {
      const { experiment } = await open(protocol, over)
      const { batches: trained, plainBatches } = experiment.tasks[index]!
      for (const shown of [trained(0), trained(1), plainBatches()]) {
        const seen = await seenIn(shown)
        expect([...seen.keys()].sort((x, y) => x - y)).toEqual(expected.images)
        requireLabels(seen, expected.train)
      }
    },
  )

  it.each([...tasks.entries()])(
    'task %i is measured on every image with these labels',
    async (index, expected) => {
      const { experiment, validationView } = await open(protocol, over)
      const view = validationView(experiment.tasks[index]!.task as never)
      const seen = await seenIn(upload(batches({ split: view, batchSize: 2 })))
      expect([...seen.keys()].sort((x, y) => x - y)).toEqual(EVERY_IMAGE)
      requireLabels(seen, expected.evaluation)
    },
  )
})

/** Every pixel of every image bears the label that its true class has; the images show all that they hold. */
function requireLabels(seen: ReadonlyMap<number, SeenLabels>, row: Row): void {
  const labelOf = new Map([0, 1, 2, 3, 4, VOID].map((id, at) => [id, row[at]!]))
  for (const [index, labels] of seen) {
    const wanted = SHOWN[index]!.map((id) => [id, new Set([labelOf.get(id)!])] as const)
    expect(labels, `image ${index}`).toEqual(new Map(wanted))
  }
}

describe('what a run says of its labels', () => {
  it.each([
    ['overlapped', ['background', 'background', 'class', 'background']],
    ['disjoint', ['background', 'background', 'class', 'absent']],
    ['sequential', ['class', 'class', 'class', 'background']],
  ])('%s: what the background of the second task holds', async (setting, training) => {
    const { labels } = await open({ tasks: '2-1', setting })
    expect(labels[1]!.classes.map((one) => one.training)).toEqual(['class', ...training])
    expect(labels[1]!.classes.map((one) => one.evaluation)).toEqual([
      ...['class', 'class', 'class', 'class'],
      'ignored',
    ])
  })
})

describe('15-5 on twenty classes', () => {
  const names = Array.from({ length: 20 }, (_, at) => `class ${at + 1}`)
  const shown = names.map((_, at) => [0, at + 1])
  const data = { use: 'coded-classes', options: { classes: names, shown } }
  const images = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, at) => first - 1 + at)

  it.each([
    [
      '15-5',
      [
        [1, 15],
        [16, 20],
      ],
    ],
    [
      '15-1',
      [
        [1, 15],
        [16, 16],
        [17, 17],
        [18, 18],
        [19, 19],
        [20, 20],
      ],
    ],
  ] as const)('%s: each class is labelled in its own task alone', async (tasks, added) => {
    const { experiment } = await open({ tasks }, { data, stepsPerEpoch: 60 })
    expect(experiment.tasks).toHaveLength(added.length)
    for (const [index, [first, last]] of added.entries()) {
      const seen = await seenIn(experiment.tasks[index]!.plainBatches())
      expect([...seen.keys()].sort((x, y) => x - y)).toEqual(images(first, last))
      for (const [at, labels] of seen) {
        expect(labels).toEqual(
          new Map([
            [0, new Set([0])],
            [at + 1, new Set([at + 1])],
          ]),
        )
      }
    }
  })
})

describe('labels in part', () => {
  it('half of the images keep all of their labels, the others none, the same ones in every epoch', async () => {
    const { experiment } = await open({ tasks: 'all', labelled: 0.5 })
    const { batches: trained, plainBatches } = experiment.tasks[0]!
    const [plain, ...epochs] = [
      await seenIn(plainBatches()),
      await seenIn(trained(0)),
      await seenIn(trained(1)),
    ]
    const hidden = [...plain].filter(([, labels]) => [...labels.values()].every((set) => set.has(VOID)))
    // six of eleven are labelled; image 9 shows nothing in any case
    expect([5, 6]).toContain(hidden.length)
    for (const [index, labels] of plain) {
      const bare = hidden.some(([at]) => at === index)
      const wanted = SHOWN[index]!.map((id) => [id, new Set([bare ? VOID : id])] as const)
      expect(labels).toEqual(new Map(wanted))
    }
    for (const epoch of epochs) for (const [index, labels] of epoch) expect(labels).toEqual(plain.get(index))
  })
})

describe('several sets of one organ each', () => {
  const organ = (name: string) => ({
    use: 'single-organ',
    options: { of: codedSet(), organ: name, by: 'image' },
  })
  const sets = { of_a: organ('a'), of_b: organ('b'), of_c: organ('c'), of_d: organ('d') }

  it.each(['ignore', 'background'] as const)(
    'each image is labelled for one organ alone; the rest is %s',
    async (unknown) => {
      const joined = { use: 'joined', options: { sets, unknown } }
      const { experiment } = await open({ tasks: 'all' }, { data: joined })
      const [plan] = experiment.tasks
      expect(plan!.task.classes).toEqual(['background', 'a', 'b', 'c', 'd'])
      const seen = await seenIn(plan!.plainBatches())
      expect([...seen.keys()].sort((x, y) => x - y)).toEqual(EVERY_IMAGE)
      const rest = unknown === 'ignore' ? VOID : 0
      for (const [index, labels] of seen) {
        const organs = [...labels].filter(
          ([, set]) => ![...set].every((label) => label === rest || label === VOID),
        )
        expect(organs.length, `image ${index}`).toBeLessThanOrEqual(1)
        for (const [truth, set] of organs) expect(set).toEqual(new Set([truth]))
      }
    },
  )

  it('a set whose classes are all there keeps its background, and measures all organs', async () => {
    const splits = {
      train: ['of_a/train', 'of_b/train', 'of_c/train', 'of_d/train'],
      validation: ['whole/validation'],
    }
    const joined = { use: 'joined', options: { sets: { ...sets, whole: codedSet() }, splits } }
    const { experiment, validationView } = await open({ tasks: 'all' }, { data: joined })
    const view = validationView(experiment.tasks[0]!.task as never)
    requireLabels(await seenIn(upload(batches({ split: view, batchSize: 2 }))), [0, 1, 2, 3, 4, VOID])
  })
})

describe('folds', () => {
  const groups = ['p', 'p', 'q', 'q', 'q', 'r', 's', 's', 't', 't', 'u']
  const data = { use: 'coded-classes', options: { classes: ['a', 'b', 'c', 'd'], shown: SHOWN, groups } }
  const images = async (folds: object, over: object = { data }) => {
    const { experiment, validationView } = await open({ tasks: 'all', folds }, over)
    const validation = upload(
      batches({ split: validationView(experiment.tasks[0]!.task as never), batchSize: 1 }),
    )
    return {
      train: [...(await seenIn(experiment.tasks[0]!.plainBatches())).keys()],
      validation: [...(await seenIn(validation)).keys()],
    }
  }

  it('validate on each image once, never on what they train on, and divide no group', async () => {
    const validated: number[] = []
    for (const fold of [0, 1, 2]) {
      const { train, validation } = await images({ count: 3, fold })
      expect([...train, ...validation].sort((x, y) => x - y)).toEqual(EVERY_IMAGE)
      const [left, right] = [train, validation].map((side) => new Set(side.map((index) => groups[index])))
      expect([...left!].filter((group) => right!.has(group))).toEqual([])
      validated.push(...validation)
    }
    expect(validated.sort((x, y) => x - y)).toEqual(EVERY_IMAGE)
  })

  it('take groups from ids where a regular expression says so', async () => {
    await expect(images({ count: 2, fold: 0, by: { id: '^train-1' } }, {})).rejects.toThrow(
      'does not match image "train-0"',
    )
    const even = await images({ count: 2, fold: 0, by: { id: '\\d+$' } }, {})
    expect(even.validation.length).toBeGreaterThan(0)
  })

  it('ask where the groups are when the data set does not know', async () => {
    await expect(images({ count: 2, fold: 0 }, {})).rejects.toThrow(/does not say.*by: image/s)
  })

  it('a share is held out in the same way', async () => {
    const { experiment, validationView } = await open({ tasks: 'all', holdout: { share: 0.3 } }, { data })
    const train = await seenIn(experiment.tasks[0]!.plainBatches())
    const held = validationView(experiment.tasks[0]!.task as never)
    expect(train.size + held.ids.length).toBe(SHOWN.length)
    const heldGroups = new Set(held.ids.map((id) => groups[Number(id.split('-')[1])]))
    for (const index of train.keys()) expect(heldGroups.has(groups[index]!)).toBe(false)
  })
})
