import { partA, partAPlus, partB, teacherKernels } from '@limbeck/core'
import { expect, test } from 'vitest'
import { kernels } from './index.ts'

test('the table holds every kernel of the contract', () => {
  const contract = [...partA, ...partAPlus, ...teacherKernels, ...partB]
  expect(contract.filter((name) => !(name in kernels))).toEqual([])
})
