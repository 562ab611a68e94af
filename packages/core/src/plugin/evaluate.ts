import { detach, withoutTape } from '../engine.ts'
import { LimbeckError, nearestName, UnknownNameError } from '../errors.ts'
import { type Scalar, type Tensor, type Tensor4D, tf } from '../tf.ts'
import type { Derivation, Derived } from './derivation.ts'
import { requireScalar } from './loss.ts'
import type { Adapter, Recipe } from './method.ts'
import { type ParameterTerm, type Progress, type Reads, type TensorRef, type Term, weightAt } from './term.ts'

/** Tensors that a step provides, by ref. */
export type Given = ReadonlyMap<string, Tensor>

/** What one step of a recipe gives. The caller's scope owns the tensors. */
export interface Evaluation {
  /** Σ weight · value. */
  readonly total: Scalar
  /** Unweighted values by term name. */
  readonly values: ReadonlyMap<string, Scalar>
  /** Next states of derivations that have one, as `<derivation>/<name>`. */
  readonly states: ReadonlyMap<string, Tensor>
}

export interface StepInputs {
  readonly given: Given
  readonly progress: Progress
  readonly parameters: ReadonlyMap<string, Tensor>
  readonly methodState: ReadonlyMap<string, Tensor>
  /** Running states of derivations, as `<derivation>/<name>`. */
  readonly states?: ReadonlyMap<string, Tensor>
}

/** Every ref that a recipe needs from outside: taps of models and parts of the batch. */
export function refsOf(recipe: Recipe): Set<TensorRef> {
  const computed = computedByRef(recipe)
  const outside = new Set<TensorRef>()
  const seen = new Set<TensorRef>()
  const visit = (reads: Reads): void => {
    for (const ref of Object.values(reads).flat()) {
      const own = computed.get(ref)
      if (!own) outside.add(ref)
      else if (!seen.has(ref)) {
        seen.add(ref)
        visit(own.reads)
      }
    }
  }
  for (const term of recipe.terms) if (term.kind === 'term') visit(term.reads)
  return outside
}

/**
 * Checks a recipe before the first step: names are unique, nothing is derived from itself, and every ref is
 * available. `available` lists what the models and the batch offer.
 */
export function checkRecipe(recipe: Recipe, available: Iterable<string>): void {
  const computed = computedByRef(recipe)
  const names = recipe.terms.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new LimbeckError('recipe/duplicate-term', `two terms are named "${twice}"`, {
      hint: 'name each term once',
    })
  }
  if (names.length === 0) throw new LimbeckError('recipe/empty', 'the recipe has no terms')
  const known = new Set([...available, ...computed.keys()])
  for (const term of recipe.terms)
    if (term.kind === 'term') checkReads(term.reads, `term "${term.name}"`, known)
  for (const [ref, { by, reads }] of computed) {
    checkReads(reads, by, known)
    refuseCycle(ref, computed, [])
  }
}

/** Computes every term once; derivations lazily, once, and without gradient. Must run where gradients are wanted. */
export function evaluate(recipe: Recipe, step: StepInputs): Evaluation {
  const derivations = derivationsByRef(recipe)
  const adapters = adaptersByRef(recipe)
  const known = new Map(step.given)
  const states = new Map<string, Tensor>()

  const need = (ref: string, by: string): Tensor => {
    const hit = known.get(ref)
    if (hit) return hit
    const adapter = adapters.get(ref)
    if (adapter) {
      const adapted = adapter.module.forward(need(adapter.reads, `adapter "${ref}"`) as Tensor4D)
      known.set(ref, adapted)
      return adapted
    }
    const derivation = derivations.get(ref)
    if (!derivation) throw unknownRef(ref, by, [...known.keys(), ...computedByRef(recipe).keys()])
    const inputs = read(derivation.reads, `derivation "${derivation.name}"`, detach)
    const previous = stateOf(derivation, step.states)
    const { value, next } = withoutTape(() => tf.tidy(() => settle(derivation.compute(inputs, previous))))
    for (const [name, tensor] of Object.entries(next)) states.set(`${derivation.name}/${name}`, tensor)
    known.set(ref, value)
    return value
  }
  const read = (reads: Reads, by: string, pass: (x: Tensor) => Tensor = (x) => x) =>
    Object.fromEntries(
      Object.entries(reads).map(([input, ref]) => [
        input,
        typeof ref === 'string'
          ? pass(need(ref, by))
          : (ref as readonly string[]).map((one) => pass(need(one, by))),
      ]),
    )
  const settleTerm = (term: Term | ParameterTerm): Scalar => {
    const where = `term "${term.name}"`
    if (term.kind === 'parameter-term') return term.compute(step.parameters, step.methodState)
    return requireScalar(term.loss(read(term.reads, where) as never), where) as Scalar
  }

  const values = new Map<string, Scalar>()
  let total: Scalar | undefined
  for (const term of recipe.terms) {
    const value = settleTerm(term)
    values.set(term.name, value)
    const weight = weightAt(term.weight, step.progress)
    const weighted = weight === 1 ? value : tf.mul<Scalar>(value, weight)
    total = total ? tf.add<Scalar>(total, weighted) : weighted
  }
  return { total: total!, values, states }
}

const derivationsByRef = ({ derived = [] }: Recipe): Map<string, Derivation> =>
  new Map(derived.map((derivation) => [`derived.${derivation.name}`, derivation]))

const adaptersByRef = ({ adapters = {} }: Recipe): Map<string, Adapter> =>
  new Map(Object.entries(adapters).map(([name, adapter]) => [`adapted.${name}`, adapter]))

/** Something that a recipe computes for its terms: a derivation or an adapter. */
interface Computed {
  /** As errors name it. */
  readonly by: string
  readonly reads: Reads
}

const computedByRef = (recipe: Recipe): Map<string, Computed> =>
  new Map([
    ...[...derivationsByRef(recipe)].map(([ref, { name, reads }]): [string, Computed] => [
      ref,
      { by: `derivation "${name}"`, reads },
    ]),
    ...[...adaptersByRef(recipe)].map(([ref, { reads }]): [string, Computed] => [
      ref,
      { by: `adapter "${ref}"`, reads: { map: reads } },
    ]),
  ])

const settle = (result: Tensor | Derived): Derived =>
  result instanceof tf.Tensor ? { value: result, next: {} } : result

/** The saved state, or the initial one at the first step. */
function stateOf(
  derivation: Derivation,
  saved: ReadonlyMap<string, Tensor> = new Map(),
): Record<string, Tensor> {
  if (!derivation.state) return {}
  const prefix = `${derivation.name}/`
  const entries = [...saved].filter(([name]) => name.startsWith(prefix))
  return entries.length > 0
    ? Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
    : derivation.state.initial()
}

function checkReads(reads: Reads, by: string, known: ReadonlySet<string>): void {
  for (const ref of Object.values(reads).flat()) if (!known.has(ref)) throw unknownRef(ref, by, [...known])
}

function unknownRef(ref: string, by: string, available: readonly string[]): UnknownNameError {
  const near = nearestName(ref, available)
  return new UnknownNameError('recipe/unknown-ref', `${by} reads "${ref}", which nothing provides`, {
    expected: `one of ${[...available].sort().join(', ')}`,
    received: `"${ref}"`,
    ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
  })
}

function refuseCycle(ref: string, computed: ReadonlyMap<string, Computed>, path: readonly string[]): void {
  if (path.includes(ref)) {
    const circle = [...path.slice(path.indexOf(ref)), ref].join(' → ')
    throw new LimbeckError('recipe/cycle', `"${ref}" is derived from itself: ${circle}`)
  }
  for (const next of Object.values(computed.get(ref)?.reads ?? {}).flat()) {
    refuseCycle(next, computed, [...path, ref])
  }
}
