/**
 * Every coarse op on `ref64`, over the shapes and attributes of the conformance suite: its kernels compute what its
 * composite computes, values and gradients, and its gradient is that of central differences.
 */
import { registerRef } from '@limbeck/backend-ref'
import { Random, type Tensor, tf, valueAndGradients } from '@limbeck/core'
import {
  type AnyOp,
  coarseOps,
  Fill,
  type Filling,
  fcParameters,
  gradcheck,
  type KernelCall,
  type KernelSpec,
  kernelSpecs,
  seed,
  toTensors,
} from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

/** Agreement of two float64 computations of the same thing, relative to the largest entry. */
const AGREEMENT = 1e-9

/** Central differences run an op twice an entry. */
const MOST_ENTRIES = 1000

/** Outputs of a kernel that its composite has no use for: the places of the maxima. */
const withoutComposite: Readonly<Record<string, readonly number[]>> = { SegMaxPool: [1] }

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const cases = coarseOps.map((op) => {
  const spec = kernelSpecs.find(({ kernel }) => kernel === op.spec.kernel)!
  return [spec.kernel, op, spec] as const
})

describe.each(cases)('%s', (kernel, op, spec) => {
  test('has a kernel that agrees with its composite', () => {
    forAll(spec, ['integers', 'normal', 'constant', 'wide-range', 'extreme-logits'], 25, (call) => {
      const expected = outputs(op.composite, spec, call)
      const unused = withoutComposite[kernel] ?? []
      for (const [i, actual] of outputs(op, spec, call).entries()) {
        if (!unused.includes(i)) expectClose(actual, expected[i]!)
      }
    })
  })

  if (!op.spec.gradient) return

  test('has the gradient of its composite', () => {
    forAll(spec, ['distinct', 'normal', 'extreme-logits'], 25, (call) => {
      fc.pre(!hasKink(call))
      const expected = gradients(op.composite, spec, call)
      for (const [i, actual] of gradients(op, spec, call).entries()) expectClose(actual, expected[i]!)
    })
  })

  test('has the gradient that central differences give', () => {
    forAll(spec, ['distinct'], 8, ({ inputs, attrs }) => {
      const entries = Object.values(inputs).reduce((sum, { values }) => sum + values.length, 0)
      fc.pre(entries <= MOST_ENTRIES)
      // what is detached counts as a constant, which differences cannot know
      fc.pre(!('detachModulator' in attrs && attrs.detachModulator))
      const names = Object.keys(inputs)
      gradcheck(
        (...tensors) => {
          const named = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]))
          return joined(differentiable(spec, op(named, attrs as never)))
        },
        names.map((name) => inputs[name]! as { dtype: 'float32' | 'int32' } & (typeof inputs)[string]),
        { only: names.flatMap((name, i) => (spec.differentiable!.includes(name) ? [i] : [])) },
      )
    })
  })
})

/** States something of an op for every case of its kernel. */
function forAll(
  spec: KernelSpec,
  fillings: readonly Filling[],
  runs: number,
  state: (call: KernelCall) => void,
): void {
  const property = fc.property(
    spec.cases,
    fc.constantFrom(...fillings),
    seed(),
    (shapes, filling, dataSeed) => {
      const call = spec.call(shapes, new Fill(filling, new Random(dataSeed)))
      tf.tidy(() => state(call))
    },
  )
  fc.assert(property, fcParameters({ runs }))
}

type Run = AnyOp | AnyOp['composite']

/** At γ ≤ 1 a modulator has a kink where q = p, on whose side rounding decides. */
function hasKink({ attrs, inputs }: KernelCall): boolean {
  const { modulator = 'none', gamma = 0 } = attrs as { modulator?: string; gamma?: number }
  const { student, teacher } = inputs
  const extreme = [student, teacher].some((x) => x?.values.some((value) => Math.abs(value) > 100))
  return modulator !== 'none' && gamma <= 1 && extreme
}

/** What the op returns, or what it changes. */
function outputs(run: Run, { changes }: KernelSpec, call: KernelCall): number[][] {
  const inputs = toTensors(call)
  const returned = run(inputs, call.attrs as never)
  const compared = changes ? changes(call).map((name) => inputs[name]!) : returned
  return compared.map((x) => Array.from(x.dataSync()))
}

const differentiable = ({ differentiableOutputs }: KernelSpec, all: readonly Tensor[]): Tensor[] =>
  differentiableOutputs ? differentiableOutputs.map((i) => all[i]!) : [...all]

const joined = (parts: readonly Tensor[]): Tensor => tf.concat(parts.map((part) => tf.reshape(part, [-1])))

/** Of a random combination of the outputs, by every input that receives one. */
function gradients(run: Run, spec: KernelSpec, call: KernelCall): number[][] {
  const inputs = toTensors(call)
  const random = new Random('weights')
  const wrt = spec.differentiable!.flatMap((name) => inputs[name] ?? [])
  const { gradients: found } = valueAndGradients(() => {
    const y = joined(differentiable(spec, run(inputs, call.attrs as never)))
    const weights = tf.tensor1d(Array.from({ length: y.size }, () => random.normal()))
    return { loss: tf.sum(tf.mul(y, weights)) as tf.Scalar }
  }, wrt)
  return found.map((gradient) => Array.from(gradient!.dataSync()))
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  const scale = Math.max(1, ...expected.map(Math.abs))
  for (const [i, value] of actual.entries()) {
    const error = Math.abs(value - expected[i]!)
    if (!(error <= AGREEMENT * scale)) expect.fail(`entry ${i}: ${value} against ${expected[i]}`)
  }
}
