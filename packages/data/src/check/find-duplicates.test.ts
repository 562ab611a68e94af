import { createHash } from 'node:crypto'
import type { Sample } from '@limbeck/core'
import sharp, { type Sharp } from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { syntheticNuclei } from '../synthetic/synthetic-nuclei.ts'
import { type Fingerprint, findDuplicates } from './find-duplicates.ts'
import { thumbnailOf } from './thumbnail.ts'

let samples: Sample[]
beforeAll(async () => {
  const options = { size: 96, train: 8, validation: 0, test: 0, seed: 3 }
  const { splits } = await syntheticNuclei.open({ options, directory: '/' })
  samples = await Promise.all(splits.get('train')!.ids.map((_, index) => splits.get('train')!.read(index)))
})

const print = (split: string, sample: Sample): Fingerprint => ({
  split,
  id: sample.id,
  exact: createHash('sha256').update(sample.image).digest('hex'),
  thumbnail: thumbnailOf(sample),
})

async function altered({ image, width, height }: Sample, alter: (image: Sharp) => Sharp): Promise<Sample> {
  const raw = { width, height, channels: 3 } as const
  const file = await alter(sharp(image as Uint8Array, { raw })).toBuffer()
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true })
  return {
    id: 'altered',
    ...info,
    channels: 3,
    image: data,
    labels: new Uint8Array(info.width * info.height),
  }
}

describe('findDuplicates', () => {
  it('finds nothing among images that differ', () => {
    const split = (i: number) => (i % 2 === 0 ? 'train' : 'test')
    expect(findDuplicates(samples.map((sample, i) => print(split(i), sample)))).toEqual([])
  })

  it('finds equal images, within a split too', () => {
    const copy = { ...samples[2]!, id: 'copy' }
    const pairs = findDuplicates([...samples.map((sample) => print('train', sample)), print('train', copy)])
    expect(pairs).toMatchObject([{ first: { id: 'train-2' }, second: { id: 'copy' }, correlation: 1 }])
  })

  it.each<[string, string, (image: Sharp) => Sharp]>([
    ['compressed', 'as it is', (image) => image.jpeg({ quality: 50 })],
    ['half as large', 'as it is', (image) => image.resize(48).png()],
    ['larger', 'as it is', (image) => image.resize(200).png()],
    ['brighter', 'as it is', (image) => image.linear(0.7, 60).png()],
    ['of another hue', 'as it is', (image) => image.modulate({ hue: 30 }).png()],
    ['mirrored', 'mirrored', (image) => image.flop().png()],
    ['upside down', 'upside down', (image) => image.flip().png()],
    ['turned', 'turned by 90°', (image) => image.rotate(90).png()],
    ['turned and compressed', 'turned by 270°', (image) => image.rotate(270).jpeg({ quality: 70 })],
  ])('finds an image of another split that is %s', async (_, orientation, alter) => {
    const copy = await altered(samples[4]!, alter)
    const pairs = findDuplicates([...samples.map((sample) => print('train', sample)), print('test', copy)])
    expect(pairs).toMatchObject([{ first: { id: 'train-4' }, second: { split: 'test' }, orientation }])
  })

  it('does not take images without structure for one another, unless they are equal', () => {
    const flat = (id: string, grey: number): Sample => ({
      id,
      width: 64,
      height: 64,
      channels: 1,
      image: Uint8Array.from({ length: 4096 }, (_, i) => grey + (i % 2)),
      labels: new Uint8Array(4096),
    })
    const prints = [
      print('train', flat('a', 240)),
      print('test', flat('b', 241)),
      print('test', flat('c', 240)),
    ]
    expect(findDuplicates(prints)).toMatchObject([{ first: { id: 'a' }, second: { id: 'c' } }])
  })
})
