import { describe, expect, it } from 'vitest'
import { largestMistakes } from './mistakes.ts'

const confusion = [
  [90, 10, 0],
  [12, 80, 8],
  [0, 3, 1],
]

describe('largestMistakes', () => {
  it('ranks what is missed by its part of the true class', () => {
    const found = largestMistakes(confusion, { of: 'truth', least: 0.1, count: 9 })
    expect(found).toEqual([
      { truth: 2, predicted: 1, pixels: 3, share: 0.75 },
      { truth: 1, predicted: 0, pixels: 12, share: 0.12 },
      { truth: 0, predicted: 1, pixels: 10, share: 0.1 },
    ])
  })

  it('ranks false alarms by their part of the predicted class', () => {
    const [first] = largestMistakes(confusion, { of: 'prediction', least: 0, count: 1 })
    expect(first).toEqual({ truth: 1, predicted: 2, pixels: 8, share: 8 / 9 })
  })

  it('finds none where a class is absent or all is right', () => {
    const options = { of: 'truth', least: 0, count: 9 } as const
    expect(
      largestMistakes(
        [
          [5, 0],
          [0, 0],
        ],
        options,
      ),
    ).toEqual([])
  })
})
