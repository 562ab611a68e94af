import type { Split } from '@limbeck/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDivision } from './check-division.ts'

let warnings: string[]
const hear = ({ name, message }: Error) => void (name === 'DataWarning' && warnings.push(message))
beforeEach(() => {
  warnings = []
  process.on('warning', hear)
})
afterEach(() => void process.removeListener('warning', hear))

const split = (name: string, ...ids: readonly string[]): Split => ({
  name,
  ids,
  read: () => Promise.reject(new Error('not asked for')),
})
const warned = () => new Promise((resolve) => setImmediate(() => resolve(warnings)))

describe('checkDivision', () => {
  it('is silent where no image is in both', async () => {
    checkDivision({ train: split('train', 'a', 'b'), validation: split('validation', 'c') })
    expect(await warned()).toEqual([])
  })

  it('warns of images that are trained and measured on', async () => {
    checkDivision({ train: split('train', 'a', 'b'), validation: split('validation', 'b') })
    checkDivision({ train: split('train', 'a', 'b'), validation: split('validation', 'b', 'a') })
    expect(await warned()).toEqual([
      'image "b" is in both data.train and data.validation: scores will be too good',
      '2 images, such as "b", are in both data.train and data.validation: scores will be too good',
    ])
  })

  it.each([
    [[], ['a'], 'data.train: there is no image to train on'],
    [['a'], [], 'data.validation: there is no image to measure on'],
  ])('refuses %j and %j', (train, validation, message) => {
    const division = { train: split('train', ...train), validation: split('validation', ...validation) }
    expect(() => checkDivision(division)).toThrow(message)
  })
})
