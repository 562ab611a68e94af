import { FormatError, formatShape } from '../errors.ts'
import type { Module } from '../nn/module.ts'
import { type Buffer, layouts, type Parameter } from '../nn/parameter.ts'
import { type Tensor, tf } from '../tf.ts'
import type { StoredTensor } from './safetensors.ts'

/** All of a module's tensors by dotted name, in PyTorch's layout, read from the device. */
export async function readState(module: Module): Promise<Map<string, StoredTensor>> {
  const entries = [...owned(module)].map(async ([name, item]): Promise<[string, StoredTensor]> => {
    const permutation = layouts[item.layout]
    const laid = permutation ? tf.transpose(item.tensor, [...permutation]) : tf.clone(item.tensor)
    const stored = await readTensor(laid)
    laid.dispose()
    return [name, stored]
  })
  return new Map(await Promise.all(entries))
}

/** A tensor's value on the host. */
export async function readTensor(x: Tensor): Promise<StoredTensor> {
  const data = (await x.data()) as StoredTensor['data']
  return { shape: [...x.shape], data: data.slice() }
}

/** A tensor on the active backend; float64 data keeps its precision where the backend stores float64. */
export function toTensor({ shape, data }: StoredTensor): Tensor {
  if (data instanceof Float64Array) return tf.engine().makeTensor(data as never, [...shape], 'float32')
  return tf.tensor(data as Float32Array, [...shape], data instanceof Float32Array ? 'float32' : 'int32')
}

export interface LoadOptions {
  /** `file` in error messages. */
  readonly from?: string
  /** False: names that the module lacks are left, and names that the file lacks keep their value. Default true. */
  readonly strict?: boolean
}

export interface LoadReport {
  readonly loaded: readonly string[]
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
}

/**
 * Puts stored tensors (PyTorch's layout) into a module, all or nothing. Throws `FormatError` that lists what is
 * missing, unexpected, or of another shape; shapes must fit even when not strict.
 */
export function loadState(
  module: Module,
  tensors: ReadonlyMap<string, StoredTensor>,
  { from = 'state', strict = true }: LoadOptions = {},
): LoadReport {
  const targets = new Map(owned(module))
  const missing = [...targets.keys()].filter((name) => !tensors.has(name))
  const unexpected = [...tensors.keys()].filter((name) => !targets.has(name))
  const loaded = [...targets.keys()].filter((name) => tensors.has(name))
  const misshapen = loaded.flatMap((name) => {
    const expected = formatShape(storedShape(targets.get(name)!))
    const received = formatShape(tensors.get(name)!.shape)
    return expected === received ? [] : [`${name}: expected ${expected}, received ${received}`]
  })
  const problems = [
    ...(strict ? missing.map((name) => `missing     ${name}`) : []),
    ...(strict ? unexpected.map((name) => `unexpected  ${name}`) : []),
    ...misshapen.map((line) => `other shape ${line}`),
  ]
  if (problems.length > 0) {
    throw new FormatError(
      'state/mismatch',
      `${from}: the weights do not fit the model\n  ${problems.join('\n  ')}`,
    )
  }
  for (const name of loaded) assign(targets.get(name)!, tensors.get(name)!)
  return { loaded, missing, unexpected }
}

function* owned(module: Module): Generator<[string, Parameter | Buffer]> {
  yield* module.parameters()
  yield* module.buffers()
}

function storedShape({ shape, layout }: Parameter | Buffer): number[] {
  const permutation: readonly number[] = layouts[layout] ?? shape.map((_, axis) => axis)
  return permutation.map((axis) => shape[axis]!)
}

function assign(target: Parameter | Buffer, stored: StoredTensor): void {
  const permutation: readonly number[] | undefined = layouts[target.layout]
  const value = tf.tidy(() => {
    const x = toTensor(stored)
    // the inverse permutation brings the file's axes back
    return permutation
      ? tf.transpose(
          x,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        )
      : x
  })
  target.assign(tf.keep(value))
}
