import {
  type Kinds,
  type LossFactory,
  selectBackend,
  type Tensor,
  tf,
  valueAndGradients,
  type z,
} from '@limbeck/core'
import type { GradcheckInput } from '@limbeck/testing'
import { type Check, check, fail } from './check.ts'
import { type Drawn, drawInputs } from './draw-inputs.ts'

type AnyLoss = ReturnType<LossFactory>

/** Far above float64's rounding, far below a wrong formula. */
const GRADIENT_TOLERANCE = 1e-6
/** Of float32 sums in another order, relative to the largest entry. */
const AGREEMENT_TOLERANCE = 1e-4
const OTHER_BACKENDS = ['simd', 'cuda'] as const
const SEED = 1

/** Value, gradients and agreement of a loss on small random tensors. */
export async function checkLoss(
  subject: string,
  factory: LossFactory<Kinds, z.ZodRawShape>,
  options: Readonly<Record<string, unknown>> | undefined,
): Promise<Check[]> {
  let loss: AnyLoss
  try {
    loss = factory(options as never) as unknown as AnyLoss
  } catch (error) {
    const reason = `its options have no defaults: ${(error as Error).message}`
    return [{ subject, what: 'can be made', skipped: reason }]
  }
  const inputs = drawInputs(factory.spec.inputs, SEED)
  const isTarget = (name: string) => factory.spec.inputs[name]!.target === true
  return [
    await check(subject, 'gives a finite number', async () => {
      const { value } = await measure(loss, inputs)
      if (!Number.isFinite(value)) fail('a finite number', String(value))
      return undefined
    }),
    await check(subject, 'passes no gradient to targets', async () => {
      const { gradients } = await measure(loss, inputs)
      for (const [name, gradient] of gradients) {
        if (isTarget(name) && gradient.some((entry) => entry !== 0)) fail(`no gradient for "${name}"`, 'some')
      }
      return undefined
    }),
    await check(subject, 'has the gradient of its value (float64, central differences)', async () => {
      await checkGradient(loss, inputs, isTarget)
      return undefined
    }),
    await check(subject, 'agrees on every backend', () => checkAgreement(loss, inputs)),
  ]
}

interface Measured {
  readonly value: number
  /** Of every float input by name; lists one after the other. Zero where nothing flows. */
  readonly gradients: ReadonlyMap<string, readonly number[]>
}

async function measure(loss: AnyLoss, inputs: ReadonlyMap<string, Drawn>): Promise<Measured> {
  const tensors = new Map([...inputs].map(([name, drawn]) => [name, drawn.map(toTensor)] as const))
  const floats = [...tensors].flatMap(([name, list]) =>
    list.filter((x) => x.dtype === 'float32').map((x) => ({ name, x })),
  )
  const { value, gradients } = valueAndGradients(
    () => ({ loss: loss(asInputs(loss, tensors)) as tf.Scalar }),
    floats.map(({ x }) => x),
  )
  const byName = new Map<string, number[]>()
  for (const [index, { name, x }] of floats.entries()) {
    const gradient = gradients[index]
    const entries = gradient ? [...(await gradient.data())] : new Array<number>(x.size).fill(0)
    byName.set(name, [...(byName.get(name) ?? []), ...entries])
    gradient?.dispose()
  }
  const [number] = await value.loss.data()
  value.loss.dispose()
  for (const list of tensors.values()) for (const x of list) x.dispose()
  return { value: number!, gradients: byName }
}

const toTensor = ({ shape, values, dtype = 'float32' }: GradcheckInput): Tensor =>
  tf.tensor(values as Float32Array, [...shape], dtype)

const asInputs = (loss: AnyLoss, tensors: ReadonlyMap<string, readonly Tensor[]>): Parameters<AnyLoss>[0] =>
  Object.fromEntries(
    [...tensors].map(([name, list]) => [name, loss.spec.inputs[name]!.kind === 'list' ? list : list[0]]),
  ) as Parameters<AnyLoss>[0]

/** Targets stay out of it: moving one changes the value, while its gradient is zero by decree. */
async function checkGradient(
  loss: AnyLoss,
  inputs: ReadonlyMap<string, Drawn>,
  isTarget: (name: string) => boolean,
): Promise<void> {
  // loaded here, because every other verb does without
  const { gradcheck } = await import('@limbeck/testing')
  const moved = [...inputs].flatMap(([name, drawn]) =>
    isTarget(name) ? [] : drawn.map((input) => ({ name, input })),
  )
  gradcheck(
    (...xs) => {
      const tensors = new Map<string, Tensor[]>()
      for (const [index, { name }] of moved.entries()) {
        tensors.set(name, [...(tensors.get(name) ?? []), xs[index]!])
      }
      for (const [name, drawn] of inputs) if (isTarget(name)) tensors.set(name, drawn.map(toTensor))
      return loss(asInputs(loss, tensors))
    },
    moved.map(({ input }) => input),
    { tolerance: GRADIENT_TOLERANCE },
  )
}

async function checkAgreement(
  loss: AnyLoss,
  inputs: ReadonlyMap<string, Drawn>,
): Promise<string | undefined> {
  const reference = await measure(loss, inputs)
  const absent: string[] = []
  for (const backend of OTHER_BACKENDS) {
    try {
      await selectBackend({ argument: backend })
    } catch {
      absent.push(backend)
      continue
    }
    requireClose(`${backend}: value`, [(await measure(loss, inputs)).value], [reference.value])
    for (const [name, gradient] of (await measure(loss, inputs)).gradients) {
      requireClose(`${backend}: gradient of "${name}"`, gradient, reference.gradients.get(name)!)
    }
  }
  await selectBackend({ argument: 'ref' })
  return absent.length === OTHER_BACKENDS.length ? `only ref is here (no ${absent.join(', no ')})` : undefined
}

function requireClose(what: string, actual: readonly number[], expected: readonly number[]): void {
  const scale = Math.max(Number.MIN_VALUE, ...expected.map(Math.abs))
  const error = Math.max(...actual.map((value, index) => Math.abs(value - expected[index]!))) / scale
  if (!(error <= AGREEMENT_TOLERANCE))
    fail(`${what} as on ref`, `a relative error of ${error.toExponential(1)}`)
}
