import { setTimeout as wait } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { fixture } from '../../test/fixture.ts'
import { niftiSlices } from './nifti-slices.ts'

let open = 0
let most = 0
vi.mock('../formats/nifti.ts', async (original) => {
  const real = await original<typeof import('../formats/nifti.ts')>()
  return {
    ...real,
    readNifti: async (file: string) => {
      most = Math.max(most, ++open)
      await wait(5)
      open--
      return real.readNifti(file)
    },
  }
})

it('unpacks two volumes at once, however many slices are asked for', async () => {
  const options = {
    path: fixture('nifti'),
    classes: { liver: [1, 2], tumour: 3 },
    ignore: [9],
    shares: { all: 1 },
  }
  const { splits } = await niftiSlices.open({ options, directory: '/' })
  const { ids, read } = splits.get('all')!
  const samples = await Promise.all([...ids.keys()].map((index) => read(index)))
  expect(samples.map(({ id }) => id)).toEqual(ids)
  expect(most).toBe(2)
})
