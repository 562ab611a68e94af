import { describe, expect, it } from 'vitest'
import { planTasks } from './tasks.ts'

const classes = ['background', 'other', 'inflammatory', 'epithelial', 'spindle'].map((name, id) => ({
  id,
  name,
}))
const added = (tasks: ReturnType<typeof planTasks>) => tasks.map((task) => task.added)

describe('planTasks', () => {
  it.each([
    ['all', [[0, 1, 2, 3, 4]]],
    ['3-1', [[0, 1, 2, 3], [4]]],
    ['2-1', [[0, 1, 2], [3], [4]]],
    [
      '2-2',
      [
        [0, 1, 2],
        [3, 4],
      ],
    ],
    ['1-1', [[0, 1], [2], [3], [4]]],
  ])('%s', (plan, expected) => {
    expect(added(planTasks(plan, classes))).toEqual(expected)
  })

  it('counts old and new channels, background included', () => {
    expect(planTasks('2-1', classes).map(({ oldClasses, newClasses }) => [oldClasses, newClasses])).toEqual([
      [0, 3],
      [3, 1],
      [4, 1],
    ])
  })

  it('takes classes in any order, and the channels follow it', () => {
    const [, last] = planTasks('3-1', classes, ['spindle', 'other', 'epithelial', 'inflammatory'])
    expect(last!.seen).toEqual([0, 4, 1, 3, 2])
    expect(last!.classes).toEqual(['background', 'spindle', 'other', 'epithelial', 'inflammatory'])
  })

  it('takes explicit lists, which may leave classes out', () => {
    expect(added(planTasks([['epithelial'], ['other', 'spindle']], classes))).toEqual([
      [0, 3],
      [1, 4],
    ])
  })

  it.each([
    ['3-2', undefined, '"3-2" does not divide 4 classes'],
    ['4-1', undefined, '"4-1" does not divide 4 classes'],
    ['three', undefined, '"three" does not divide 4 classes'],
    [[['other'], ['other']], undefined, 'class "other" is in two tasks'],
    [[['other'], []], undefined, 'every task needs at least one class'],
    [[['inflamatory']], undefined, 'did you mean "inflammatory"?'],
    ['3-1', ['other'], 'every foreground class once'],
  ] as const)('refuses %j in order %j', (plan, order, message) => {
    expect(() => planTasks(plan, classes, order)).toThrow(message)
  })

  it('refuses a data set whose class 0 is not the background', () => {
    const last = [
      { id: 0, name: 'nucleus' },
      { id: 1, name: 'Background' },
    ]
    expect(() => planTasks('all', last)).toThrow('received id 1 for "Background", id 0 for "nucleus"')
    const none = [
      { id: 1, name: 'nucleus' },
      { id: 2, name: 'stroma' },
    ]
    expect(() => planTasks('all', none)).toThrow('class id 0 is the background')
  })
})
