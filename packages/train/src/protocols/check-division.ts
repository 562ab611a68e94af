import { DataError } from '@limbeck/core'
import type { DividedSplit } from './divide-split.ts'

/**
 * Throws `DataError` when there is no image to train or none to measure on, and warns of images that are in both: what
 * is measured on them says nothing about others.
 */
export function checkDivision({ train, validation }: DividedSplit): void {
  requireImages(train.ids, 'data.train', 'train on')
  requireImages(validation.ids, 'data.validation', 'measure on')
  const trained = new Set(train.ids)
  const both = validation.ids.filter((id) => trained.has(id))
  if (both.length === 0) return
  const named =
    both.length === 1 ? `image "${both[0]}" is` : `${both.length} images, such as "${both[0]}", are`
  process.emitWarning(
    `${named} in both data.train and data.validation: scores will be too good`,
    'DataWarning',
  )
}

function requireImages(ids: readonly string[], where: string, what: string): void {
  if (ids.length > 0) return
  throw new DataError('data/empty-split', `${where}: there is no image to ${what}`, {
    hint: 'limbeck data check CONFIG lists what each split holds; protocol.holdout takes a share of data.train',
  })
}
