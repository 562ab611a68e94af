import type { FactoryKind } from '@limbeck/core'

/** What plugins add, in the order in which it is listed, and what one of it is called. */
export const KINDS: readonly { readonly kind: FactoryKind; readonly singular: string }[] = [
  { kind: 'losses', singular: 'loss' },
  { kind: 'methods', singular: 'method' },
  { kind: 'models', singular: 'model' },
  { kind: 'datasets', singular: 'data set' },
  { kind: 'schedules', singular: 'schedule' },
  { kind: 'metrics', singular: 'metric' },
  { kind: 'callbacks', singular: 'callback' },
]
