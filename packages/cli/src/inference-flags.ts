import { ConfigError } from '@limbeck/core'
import { inferenceSchema, type SegmentOptions } from '@limbeck/train'
import type { Flags, FlagValues } from './command.ts'

/** How verbs that show images to a model let people say in what way. */
export const inferenceFlags = {
  tile: { takes: 'PIXELS', summary: 'side of the tiles into which larger images are divided (default 1024)' },
  overlap: { takes: 'PIXELS', summary: 'what neighbouring tiles share, at most half a tile (default 128)' },
  blend: { takes: 'KIND', summary: 'how tiles share it: linear (default), gaussian, cut' },
  tta: {
    takes: 'KIND',
    summary: 'averages over views: flips (4) or dihedral (8, with rotations); default none',
  },
  batch: { takes: 'COUNT', summary: 'tiles, or images that are one tile, that go through the model at once' },
} as const satisfies Flags

type InferenceFlags = FlagValues<typeof inferenceFlags>

/** The flags' values over those of a config. Throws `ConfigError` when one of them cannot be used. */
export function inferenceFrom(
  { tile, overlap, blend, tta, batch }: InferenceFlags,
  given: Partial<SegmentOptions>,
): SegmentOptions {
  const { batchSize: before = 1, ...rest } = given
  const batchSize = batch === undefined ? before : Number(batch)
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new ConfigError('usage/batch', '--batch: not a number of tiles', {
      expected: 'a whole number from 1',
      received: batch ?? String(before),
    })
  }
  const asked = {
    ...rest,
    ...(tile !== undefined && { tile: Number(tile) }),
    ...(overlap !== undefined && { overlap: Number(overlap) }),
    ...(blend !== undefined && { blend }),
    ...(tta !== undefined && { augment: tta }),
  }
  const result = inferenceSchema.safeParse(asked)
  if (result.success) return { ...result.data, batchSize }
  const { path, message } = result.error.issues[0]!
  const key = String(path[0])
  throw new ConfigError('usage/inference', `--${key === 'augment' ? 'tta' : key}: ${message}`, {
    received: String(asked[key as keyof typeof asked]),
  })
}
