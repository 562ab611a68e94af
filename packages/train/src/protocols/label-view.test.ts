import type { Sample, Split } from '@limbeck/core'
import { viewSplit } from '@limbeck/data'
import { describe, expect, it } from 'vitest'
import { evaluationTable, imagesOf, trainingTable } from './label-view.ts'
import { planTasks } from './tasks.ts'

const classes = ['background', 'a', 'b', 'c'].map((name, id) => ({ id, name }))
const [first, second, third] = planTasks('1-1', classes) as [never, never, never]
const ids = [0, 1, 2, 3, 255]
const through = (table: Uint8Array) => ids.map((id) => table[id])

/** Four images that show the classes named. */
const shown = [
  [0, 1],
  [0, 1, 2],
  [2, 3],
  [0, 255],
]
const split: Split = {
  name: 'train',
  ids: ['0', '1', '2', '3'],
  read: async (index): Promise<Sample> => ({
    id: String(index),
    width: 4,
    height: 1,
    channels: 1,
    image: new Uint8Array(4),
    labels: Uint8Array.from({ length: 4 }, (_, at) => shown[index]![at % shown[index]!.length]!),
  }),
}

describe('labels of a task', () => {
  it('show the current classes in training; old and future ones look like background', () => {
    expect(through(trainingTable(first, 'overlapped'))).toEqual([0, 1, 0, 0, 255])
    expect(through(trainingTable(second, 'overlapped'))).toEqual([0, 0, 2, 0, 255])
    expect(through(trainingTable(second, 'disjoint'))).toEqual([0, 0, 2, 0, 255])
    expect(through(trainingTable(third, 'overlapped'))).toEqual([0, 0, 0, 3, 255])
  })

  it('keep old classes in the sequential setting', () => {
    expect(through(trainingTable(second, 'sequential'))).toEqual([0, 1, 2, 0, 255])
  })

  it('show everything seen so far in evaluation; the future is ignored or background', () => {
    expect(through(evaluationTable(second, 'ignore'))).toEqual([0, 1, 2, 255, 255])
    expect(through(evaluationTable(second, 'background'))).toEqual([0, 1, 2, 0, 255])
  })
})

describe('images of a task', () => {
  it('overlapped: those that show a current class', async () => {
    expect(await imagesOf(first, { split, setting: 'overlapped', classes })).toEqual([0, 1])
    expect(await imagesOf(second, { split, setting: 'overlapped', classes })).toEqual([1, 2])
    expect(await imagesOf(third, { split, setting: 'overlapped', classes })).toEqual([2])
  })

  it('disjoint: and none of the future', async () => {
    expect(await imagesOf(first, { split, setting: 'disjoint', classes })).toEqual([0])
    expect(await imagesOf(second, { split, setting: 'disjoint', classes })).toEqual([1])
  })

  it('are seen through the table', async () => {
    const view = viewSplit(split, trainingTable(second, 'overlapped'), [2, 1])
    expect(view.ids).toEqual(['2', '1'])
    expect([...(await view.read(0)).labels]).toEqual([2, 0, 2, 0])
    expect([...(await split.read(2)).labels]).toEqual([2, 3, 2, 3])
  })
})
