import {
  type ClassifierInitialisation,
  type ExpandableClassifier,
  type ForwardOptions,
  type LayerContext,
  Model,
  type Random,
  type Tensor4D,
  tf,
  unknownName,
} from '@limbeck/core'
import type { Classifier } from '../layers/classifier.ts'
import type { Lazy } from '../lazy.ts'

/** Every map that a network offers, by tap; each is computed when it is first read. */
export type Maps = Readonly<Record<string, Lazy<Tensor4D>>>

/** A network of this package: a graph of lazy maps, with one classifier or more that can take new classes. */
export abstract class Segmenter extends Model implements ExpandableClassifier {
  /** One map per tap. */
  protected abstract maps(x: Tensor4D, context: LayerContext): Maps

  /** Every last convolution: one, or as many as there are heads. */
  protected abstract classifiers(): readonly Classifier[]

  get classes(): number {
    return this.classifiers()[0]!.classes
  }

  expand(at: {
    readonly newClasses: number
    readonly initialisation: ClassifierInitialisation
    readonly random: Random
  }): void {
    for (const classifier of this.classifiers()) classifier.expand(at)
  }

  override forward(x: Tensor4D, { want, ...context }: ForwardOptions): Record<string, Tensor4D> {
    return tf.tidy(() => {
      const maps = this.maps(x, context)
      return Object.fromEntries(want.map((name) => [name, (maps[name] ?? unknownTap(name, maps))()]))
    })
  }
}

function unknownTap(name: string, maps: Maps): never {
  throw unknownName('model/unknown-tap', 'forward: the model has no such tap', name, Object.keys(maps))
}
