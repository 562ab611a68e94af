import { LimbeckError, type Model, Module } from '@limbeck/core'

/** Names under which networks hold what encodes the image. */
const ENCODERS = ['encoder', 'backbone'] as const

export interface EncoderPart {
  readonly module: Module
  /** What stands before its names in the network's: `encoder.` or `backbone.`. */
  readonly prefix: string
}

/** The encoder of a network. Throws `LimbeckError` when it has none. */
export function encoderOf(model: Model): EncoderPart {
  for (const name of ENCODERS) {
    const module: unknown = (model as Partial<Record<typeof name, unknown>>)[name]
    if (module instanceof Module) return { module, prefix: `${name}.` }
  }
  throw new LimbeckError('import/no-encoder', 'the model has no encoder', {
    expected: `a part named ${ENCODERS.join(' or ')}`,
  })
}
