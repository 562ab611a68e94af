import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random, readState, selectBackend, serializeSafetensors } from '@limbeck/core'
import { unet } from '@limbeck/models'
import { parseConfig } from '@limbeck/train'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openExperiment } from './open-experiment.ts'

const options = { encoder: 'resnet-18', width: 2 } as const
let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'limbeck-encoder-'))
  await selectBackend({ argument: 'ref' })
})
afterAll(() => rm(directory, { recursive: true }))

const open = async () => {
  const value = {
    name: 'pretrained',
    data: { use: 'synthetic-nuclei', options: { size: 16, train: 4, validation: 2 } },
    student: { use: 'unet', options, encoderWeights: 'resnet18.safetensors' },
    method: { use: 'joint' },
  }
  return openExperiment(await parseConfig({ file: 'test.yaml', directory, value }))
}

test('a student starts with the encoder of a file, whatever its classes', async () => {
  const from = await readState(unet({ ...options, classes: 9, random: new Random('pretrained') }))
  const tensors = new Map([...from].map(([name, tensor]) => [`module.${name}`, tensor]))
  const file = join(directory, 'resnet18.safetensors')
  await expect(open()).rejects.toThrow('the weights cannot be read')
  await writeFile(file, serializeSafetensors({ tensors, metadata: {} }))

  const { experiment } = await open()
  const student = await readState(experiment.build(2, new Random(0)))
  for (const [name, tensor] of student) {
    if (name.startsWith('encoder.')) expect(tensor, name).toEqual(from.get(name))
  }
  expect(student.get('decoder.blocks.0.conv1.0.weight')).not.toEqual(
    from.get('decoder.blocks.0.conv1.0.weight'),
  )
})
