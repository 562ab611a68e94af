import { expect, it } from 'vitest'
import { flatSettings } from './flat-settings.ts'

it('names each setting by its path and keeps lists of plain values in one piece', () => {
  const settings = {
    seed: 0,
    data: { use: 'folder', options: {} },
    tasks: [['a', 'b'], ['c']],
    plugins: ['./x.ts'],
  }
  expect([...flatSettings(settings)]).toEqual([
    ['seed', '0'],
    ['data.use', 'folder'],
    ['data.options', '{}'],
    ['tasks[0]', '[a, b]'],
    ['tasks[1]', '[c]'],
    ['plugins', '[./x.ts]'],
  ])
})
