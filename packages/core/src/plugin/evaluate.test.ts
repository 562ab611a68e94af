import { registerRef } from '@limbeck/backend-ref'
import {
  checkRecipe,
  defineLoss,
  derive,
  evaluate,
  type Json,
  Module,
  map,
  Parameter,
  parameterTerm,
  type Recipe,
  refsOf,
  type StepInputs,
  type Tensor,
  term,
  tf,
  valueAndGradients,
  z,
} from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const mse = defineLoss({
  name: 'mse',
  summary: 'Mean squared error.',
  inputs: { student: map(), teacher: map({ like: 'student', target: true }) },
  options: { scale: z.number().default(1) },
  compute: ({ student, teacher }, { scale }) =>
    tf.mul(tf.mean(tf.squaredDifference(student, teacher)), scale),
})

class Scale extends Module {
  readonly factor: Parameter

  constructor(factor: number) {
    super()
    this.factor = new Parameter(tf.scalar(factor))
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return tf.mul(x, this.factor.tensor)
  }
}

const progress = { task: 0, epoch: 0, epochs: 1, step: 5, steps: 10, fraction: 0.5 }
const filled = (value: number) => tf.fill([1, 2, 2, 1], value) as tf.Tensor4D
const inputs = (given: Record<string, Tensor>): StepInputs => ({
  given: new Map(Object.entries(given)),
  progress,
  parameters: new Map(),
  methodState: new Map(),
})
const numbers = (recipe: Recipe, step: StepInputs): Record<string, Json> =>
  tf.tidy(() => {
    const { total, values } = evaluate(recipe, step)
    const read = [...values].map(([name, value]) => [name, value.dataSync()[0]])
    return { total: total.dataSync()[0], ...Object.fromEntries(read) }
  }) as never

describe('evaluate', () => {
  it('adds the weighted terms, and keeps their unweighted values', () => {
    const recipe: Recipe = {
      terms: [
        term('near', mse(), { student: 'student.logits', teacher: 'teacher.logits' }, 10),
        term(
          'far',
          mse({ scale: 2 }),
          { student: 'student.decoder', teacher: 'teacher.logits' },
          (at) => at.fraction,
        ),
      ],
    }
    const given = { 'student.logits': filled(1), 'student.decoder': filled(5), 'teacher.logits': filled(3) }
    expect(numbers(recipe, inputs(given))).toEqual({ total: 10 * 4 + 0.5 * 8, near: 4, far: 8 })
  })

  it('computes a derivation once, without gradient, for all who read it', () => {
    let runs = 0
    const doubled = derive('doubled', { x: 'student.logits' }, ({ x }) => {
      runs++
      return tf.mul(x, 2)
    })
    const reads = { student: 'student.logits', teacher: 'derived.doubled' } as const
    const recipe: Recipe = { derived: [doubled], terms: [term('a', mse(), reads), term('b', mse(), reads)] }
    const x = filled(3)
    const { gradients } = valueAndGradients(
      () => ({ loss: evaluate(recipe, inputs({ 'student.logits': x })).total }),
      [x],
    )
    expect(runs).toBe(1)
    // d/dx of 2 · mean (x − 6)² with 6 held fixed
    expect([...gradients[0]!.dataSync()]).toEqual(Array(4).fill((2 * 2 * (3 - 6)) / 4))
  })

  it('gives a target exactly no gradient', () => {
    const [a, b] = [filled(1), filled(2)]
    const loss = mse()
    const { gradients } = valueAndGradients(
      () => ({ loss: loss({ student: a, teacher: b }) as tf.Scalar }),
      [a, b],
    )
    expect(gradients[0]).toBeDefined()
    expect(gradients[1]).toBeUndefined()
  })

  it('carries the running state of a derivation to the next step', () => {
    const mean = derive(
      'mean',
      { x: 'student.logits' },
      ({ x }, { sum }) => ({ value: tf.mul(tf.onesLike(x), sum!), next: { sum: tf.add(sum!, tf.mean(x)) } }),
      { initial: () => ({ sum: tf.scalar(10) }) },
    )
    const recipe: Recipe = {
      derived: [mean],
      terms: [term('a', mse(), { student: 'student.logits', teacher: 'derived.mean' })],
    }
    const first = evaluate(recipe, inputs({ 'student.logits': filled(1) }))
    expect(first.total.dataSync()[0]).toBe(81)
    expect(first.states.get('mean/sum')!.dataSync()[0]).toBe(11)
    const second = evaluate(recipe, { ...inputs({ 'student.logits': filled(1) }), states: first.states })
    expect(second.total.dataSync()[0]).toBe(100)
  })

  it('gives parameter terms the parameters and the state of the method', () => {
    const decay = parameterTerm('decay', (parameters, state) =>
      tf.mul(tf.sum(parameters.get('w')!), state.get('importance')!),
    )
    const step = {
      ...inputs({}),
      parameters: new Map([['w', tf.tensor1d([1, 2])]]),
      methodState: new Map([['importance', tf.scalar(4)]]),
    }
    expect(numbers({ terms: [decay] }, step)).toEqual({ total: 12, decay: 12 })
  })

  it('trains an adapter through the terms that read it', () => {
    const adapter = new Scale(2)
    const recipe: Recipe = {
      adapters: { wide: { reads: 'student.logits', module: adapter } },
      terms: [term('a', mse(), { student: 'adapted.wide', teacher: 'teacher.logits' })],
    }
    expect([...refsOf(recipe)].sort()).toEqual(['student.logits', 'teacher.logits'])
    expect(() => checkRecipe(recipe, ['student.logits', 'teacher.logits'])).not.toThrow()
    const given = { 'student.logits': filled(3), 'teacher.logits': filled(5) }
    const { value, gradients } = valueAndGradients(
      () => ({ loss: evaluate(recipe, inputs(given)).total }),
      [adapter.factor.tensor, given['student.logits']],
    )
    expect(value.loss.dataSync()[0]).toBe(1)
    expect(gradients[0]!.dataSync()[0]).toBe(2 * (6 - 5) * 3)
    expect(tf.sum(gradients[1]!).dataSync()[0]).toBe(2 * (6 - 5) * 2)
  })

  it('refuses a term that is a map', () => {
    const whole = defineLoss({
      name: 'whole',
      summary: 's',
      inputs: { x: map() },
      options: {},
      compute: ({ x }) => x,
    })
    const recipe: Recipe = { terms: [term('w', whole(), { x: 'student.logits' })] }
    expect(() => numbers(recipe, inputs({ 'student.logits': filled(1) }))).toThrow(
      'term "w": the loss is not a scalar',
    )
  })
})

describe('checkRecipe', () => {
  const reads = { student: 'student.logits', teacher: 'derived.a' } as const
  const from = (name: string, ref: 'derived.a' | 'derived.b' | 'student.decoder') =>
    derive(name, { x: ref }, ({ x }) => x)

  it('names the reader of an unknown tensor and offers the nearest', () => {
    const recipe: Recipe = {
      terms: [term('kd', mse(), { student: 'student.encoder.9', teacher: 'teacher.logits' })],
    }
    const available = ['student.encoder.1', 'student.logits', 'teacher.logits']
    expect(() => checkRecipe(recipe, available)).toThrowErrorMatchingInlineSnapshot(`
      [UnknownNameError: term "kd" reads "student.encoder.9", which nothing provides
        expected one of student.encoder.1, student.logits, teacher.logits
        received "student.encoder.9"
        hint: did you mean "student.encoder.1"?]
    `)
  })

  it('finds what is derived from itself', () => {
    const recipe: Recipe = {
      derived: [from('a', 'derived.b'), from('b', 'derived.a')],
      terms: [term('t', mse(), reads)],
    }
    expect(() => checkRecipe(recipe, ['student.logits'])).toThrow('derived.a → derived.b → derived.a')
  })

  it('refuses two terms of one name, and no term at all', () => {
    const one = term('t', mse(), { student: 'student.logits', teacher: 'student.logits' })
    expect(() => checkRecipe({ terms: [one, one] }, ['student.logits'])).toThrow('two terms are named "t"')
    expect(() => checkRecipe({ terms: [] }, [])).toThrow('no terms')
  })

  it('knows every tensor that is needed from outside, through derivations', () => {
    const recipe: Recipe = { derived: [from('a', 'student.decoder')], terms: [term('t', mse(), reads)] }
    expect([...refsOf(recipe)].sort()).toEqual(['student.decoder', 'student.logits'])
    expect(() => checkRecipe(recipe, ['student.decoder', 'student.logits'])).not.toThrow()
  })
})
