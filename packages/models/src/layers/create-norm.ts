import { z } from '@limbeck/core'
import { BatchNorm } from './batch-norm.ts'
import { GroupNorm } from './group-norm.ts'
import type { Norm } from './norm.ts'

/** Groups of `group`, where the channels can be split so; else the largest divisor below. */
const GROUPS = 8

export const normKinds = ['batch', 'group', 'instance', 'none'] as const

/** A kind by name, or group normalisation with that number of groups. */
export type NormKind = (typeof normKinds)[number] | { readonly groups: number }

/** The option that every network of ours with a choice of normalisation takes. */
export const normOption = z
  .enum(normKinds)
  .default('batch')
  .describe('normalisation: batch; group (8 groups; for batches of 1 to 4 images); instance; none')

/** The normalisation layer of that kind; nothing for `none`. */
export function createNorm(kind: NormKind, channels: number): Norm | undefined {
  if (kind === 'none') return undefined
  if (kind === 'batch') return new BatchNorm(channels)
  if (typeof kind === 'object') return new GroupNorm(channels, kind.groups)
  return new GroupNorm(channels, kind === 'instance' ? channels : largestDivisor(channels, GROUPS))
}

function largestDivisor(of: number, atMost: number): number {
  let divisor = Math.min(of, atMost)
  while (of % divisor !== 0) divisor--
  return divisor
}
