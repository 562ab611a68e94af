import { ConfigError, LimbeckError, type Model, type TensorRef } from '@limbeck/core'

/** A tap's refs on both sides of a distillation. */
export interface TapPair {
  readonly tap: string
  readonly reads: { readonly student: TensorRef; readonly teacher: TensorRef }
}

/**
 * The maps that feature distillation compares, from fine to coarse and then the decoder's: every level of the
 * encoder and the map before the classifier, each once. Throws when the model offers none.
 */
export function featureTaps({ taps }: Model): readonly TapPair[] {
  const levels = taps.filter(({ name }) => /^encoder\.\d+$/.test(name))
  const coarsest = levels.at(-1)
  const others = taps.filter(
    ({ name, stride }) => name === 'decoder' || (name === 'bottleneck' && stride !== coarsest?.stride),
  )
  const found = [...levels, ...others].map(({ name }) => tapPair(name))
  if (found.length > 0) return found
  throw new LimbeckError('method/no-feature-taps', 'feature distillation: the model offers no feature maps', {
    expected: 'taps encoder.<number>, bottleneck or decoder',
    received: taps.map(({ name }) => name).join(', '),
  })
}

/** A tap of the student with the same one of the teacher. */
export const tapPair = (tap: string): TapPair => ({
  tap,
  reads: { student: `student.${tap}`, teacher: `teacher.${tap}` },
})

/**
 * The encoder's level with that many pixels of the input per pixel of the map; the deepest of them, for networks that
 * stop shrinking. Throws `ConfigError` with the strides that exist.
 */
export function levelOfStride(model: Model, stride: number): string {
  const levels = model.taps.filter(({ name }) => /^(encoder\.\d+|bottleneck)$/.test(name))
  const found = levels.findLast((tap) => tap.stride === stride)
  if (found) return found.name
  throw new ConfigError('method/no-such-level', `the encoder has no level of stride ${stride}`, {
    expected: `one of ${[...new Set(levels.map((tap) => tap.stride))].join(', ')}`,
    received: `${stride}`,
  })
}
