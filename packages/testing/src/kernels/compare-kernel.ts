import { formatShape, Random, type Tensor, type Tensor4D, tf, valueAndGradients } from '@limbeck/core'
import { onBackend } from '../on-backend.ts'
import { roundTo, UNIT_ROUNDOFF, worstExcess } from '../tolerance.ts'
import { allowed, isExactOnIntegers } from './bound.ts'
import type { Filling, TensorData } from './fill.ts'
import type { KernelCall, KernelSpec } from './kernel-spec.ts'
import { runDifferentiable, runKernel, toTensors } from './run-kernel.ts'

export interface Comparison {
  /** The backend under test, registered and started. */
  readonly backend: string
  /** The backend that is taken to be right. Default `ref64`. */
  readonly reference?: string | undefined
  /** Unit roundoff of the backend's arithmetic, coarser where TF32 or bfloat16 are on. Default that of float32. */
  readonly unit?: number | undefined
  /** Unit roundoff of what the backend keeps results in, behind dtype `float32`. Default that of float32. */
  readonly storage?: number | undefined
  /**
   * Stores a float32 input of rank 4 as the backend stores maps that it makes; values are rounded to `storage` before.
   * Where it is left out, kernels read inputs as they come from the host.
   */
  readonly stored?: ((map: Tensor4D) => Tensor4D) | undefined
}

/** A tensor that came back: its shape, type and values. */
interface Result {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly values: ArrayLike<number>
}

/**
 * Runs a kernel with the same arguments on two backends; nothing when they agree, else one line that says where not.
 *
 * Shapes, types and integers must be equal; floats too when they came from small integers and the kernel only adds
 * and multiplies, up to the one rounding of a storage coarser than float32. Other floats may differ by the kernel's
 * bound. Where inputs are special, results must be NaN or infinite in the same places.
 */
export function compareKernel(
  spec: KernelSpec,
  given: KernelCall,
  filling: Filling,
  { backend, reference = 'ref64', unit, storage, stored }: Comparison,
): string | undefined {
  const call = stored ? withRoundedMaps(given, storage) : given
  const actual = onBackend(backend, () => results(spec, call, stored))
  const { expected, absolute } = onBackend(reference, () => ({
    expected: results(spec, call),
    absolute: spec.bound.kind === 'sum' ? results(spec, withoutSigns(spec, call)) : undefined,
  }))
  if (actual.length !== expected.length) return `${actual.length} outputs, expected ${expected.length}`
  for (const [i, output] of expected.entries()) {
    const problem =
      unlike(actual[i]!, output) ??
      (filling === 'special'
        ? unlikeKinds(actual[i]!, output)
        : tooFar(
            actual[i]!,
            output,
            boundOf(spec, filling, { call, output, absolute: absolute?.[i], unit, storage }),
          ))
    if (problem) return problem
  }
  return undefined
}

/**
 * The same for the gradients of a differentiable kernel: those of our ops through their gradient kernels, those of
 * tfjs's kernels through core's table. Errors may be 1024 roundings of the largest entry, or of 1 where all are
 * smaller.
 */
export function compareGradients(
  spec: KernelSpec,
  given: KernelCall,
  { backend, reference = 'ref64', unit = UNIT_ROUNDOFF.float32, storage = unit, stored }: Comparison,
): string | undefined {
  const call = stored ? withRoundedMaps(given, storage) : given
  const expected = onBackend(reference, () => gradients(spec, call))
  const actual = onBackend(backend, () => gradients(spec, call, stored))
  for (const [i, gradient] of expected.entries()) {
    const size = Array.from(gradient.values).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    const problem =
      unlike(actual[i]!, gradient) ??
      tooFar(actual[i]!, gradient, GRADIENT_UNITS * Math.max(unit, storage) * size)
    if (problem) return problem
  }
  return undefined
}

const GRADIENT_UNITS = 1024

/** Inputs on the active backend, maps as it stores them. */
function inputsOf(call: KernelCall, stored?: Comparison['stored']): Record<string, Tensor> {
  const inputs = toTensors(call)
  if (!stored) return inputs
  const asStored = (x: Tensor) => (isMap(x) && x.size > 0 ? stored(x as Tensor4D) : x)
  return Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, asStored(x)]))
}

const isMap = ({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): boolean =>
  dtype === 'float32' && shape.length === 4

function withRoundedMaps({ inputs, attrs }: KernelCall, storage = UNIT_ROUNDOFF.float32): KernelCall {
  const rounded = (data: TensorData): TensorData =>
    // no storage tells zeros apart by their sign
    isMap(data)
      ? { ...data, values: data.values.map((value) => roundTo(storage, value) + 0) as Float32Array }
      : data
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, rounded(data)])),
    attrs,
  }
}

function results({ kernel, changes }: KernelSpec, call: KernelCall, stored?: Comparison['stored']): Result[] {
  const inputs = inputsOf(call, stored)
  const outputs = runKernel(kernel, inputs, call.attrs)
  if (changes) return changes(call).map((name) => read(name, inputs[name]!))
  return outputs.map((output, i) => read(`output ${i}`, output))
}

function gradients(spec: KernelSpec, call: KernelCall, stored?: Comparison['stored']): Result[] {
  const inputs = inputsOf(call, stored)
  const names = (spec.differentiable ?? []).filter((name) => name in inputs)
  const random = new Random('gradients')
  const { gradients: found } = valueAndGradients(
    () => {
      const parts = runDifferentiable(spec, inputs, call.attrs).map((y) => {
        const weights = Float32Array.from({ length: y.size }, () => random.normal())
        return tf.sum(tf.mul(y, tf.tensor(weights, y.shape)))
      })
      return { loss: tf.addN(parts) as tf.Scalar }
    },
    names.map((name) => inputs[name]!),
  )
  return names.map((name, i) => read(`gradient of ${name}`, found[i] ?? tf.zerosLike(inputs[name]!)))
}

const read = (name: string, x: Tensor): Result => ({
  name,
  shape: x.shape,
  dtype: x.dtype,
  values: x.dataSync(),
})

function withoutSigns({ decides = [] }: KernelSpec, { inputs, attrs }: KernelCall): KernelCall {
  const absolute = (name: string, data: TensorData): TensorData =>
    data.dtype === 'float32' && !decides.includes(name)
      ? { ...data, values: data.values.map(Math.abs) as Float32Array }
      : data
  return {
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, absolute(name, data)])),
    attrs,
  }
}

interface Context {
  readonly call: KernelCall
  readonly output: Result
  readonly absolute: Result | undefined
  readonly unit: number | undefined
  readonly storage: number | undefined
}

function boundOf(
  { bound }: KernelSpec,
  filling: Filling,
  { call, output, absolute, unit, storage = UNIT_ROUNDOFF.float32 }: Context,
): number | number[] {
  if (output.dtype !== 'float32') return 0
  const expected = output.values
  if (bound.kind === 'exact' || (filling === 'integers' && isExactOnIntegers(bound)))
    return Array.from(expected, (y) => Math.abs(roundTo(storage, y) - y))
  // the kernel's bound has room for float32's own rounding
  const coarser = storage - UNIT_ROUNDOFF.float32
  const distances = allowed(bound, { call, expected, absolute: absolute?.values, unit })
  return distances.map((distance, i) => distance + coarser * Math.abs(expected[i]!))
}

function unlike(actual: Result, expected: Result): string | undefined {
  const [is, should] = [actual, expected].map(({ shape, dtype }) => `${dtype} ${formatShape(shape)}`)
  return is === should ? undefined : `${expected.name}: ${is}, expected ${should}`
}

function tooFar(actual: Result, expected: Result, bound: number | number[]): string | undefined {
  const worst = worstExcess(actual.values, expected.values, bound)
  if (!worst) return undefined
  return `${expected.name} at ${worst.index}: ${worst.actual}, expected ${worst.expected} ± ${worst.bound}`
}

/** NaN, an infinity, or a number; in float32, where large numbers are infinite. */
const kindOf = (value: number): string => {
  const rounded = Math.fround(value)
  return Number.isFinite(rounded) ? 'a number' : String(rounded)
}

function unlikeKinds(actual: Result, expected: Result): string | undefined {
  for (let i = 0; i < expected.values.length; i++) {
    const [is, should] = [kindOf(actual.values[i]!), kindOf(expected.values[i]!)]
    if (is !== should) return `${expected.name} at ${i}: ${actual.values[i]}, expected ${should}`
  }
  return undefined
}
