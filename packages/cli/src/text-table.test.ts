import { expect, it } from 'vitest'
import { textTable } from './text-table.ts'

it('aligns the first column left and numbers right', () => {
  const rows = [
    ['class', 'IoU'],
    ['lymphocyte', '7.0'],
    ['other', '61.2'],
  ]
  expect(textTable(rows).split('\n')).toEqual(['class        IoU', 'lymphocyte   7.0', 'other       61.2'])
})

it('leaves no blanks at the end of a line', () => {
  const rows = [
    ['a', 'long'],
    ['bb', 'x'],
    ['c', ''],
  ]
  expect(textTable(rows, { align: 'left', indent: 2 }).split('\n')).toEqual(['  a   long', '  bb  x', '  c'])
})
