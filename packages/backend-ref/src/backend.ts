import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import { type StridedCopy, TensorBackend, type TensorData } from '@limbeck/core/kernels'
import { copyElements } from './kernels/strided.ts'
import { allocateValues, type FloatStorage, type Values } from './storage.ts'

interface Buffer extends TensorData {
  readonly values: Values
}

/** A fresh tensor and the array to fill. */
export interface Output {
  readonly info: TensorInfo
  readonly values: Values
}

/**
 * The reference backend: plain loops over typed arrays, float64 accumulation, one rounding at the store.
 *
 * With `float64` storage nothing is rounded, but for numbers that tfjs itself makes into tensors: `tf.mul(x, 0.1)`
 * reaches every backend as a `Float32Array`.
 *
 * Arrays that come in are copied, and so are arrays that go out: kernels that update in place (`SegAdam`) must
 * change neither the caller's data nor what was read before.
 */
export class RefBackend extends TensorBackend<Buffer> {
  readonly storage: FloatStorage

  constructor(storage: FloatStorage) {
    super()
    this.storage = storage
  }

  /** The values of a tensor, in row-major order: the array itself, to be written to only by in-place kernels. */
  values(x: TensorInfo): Values {
    return this.dataOf(x.dataId).values
  }

  /** A fresh tensor of zeros. */
  allocate(shape: readonly number[], dtype: DataType): Output {
    const values = allocateValues(tf.util.sizeFromShape([...shape]), dtype, this.storage)
    const dataId = {}
    this.#keep(dataId, values, dtype, 1)
    return { info: { dataId, shape: [...shape], dtype }, values }
  }

  empty(shape: readonly number[], dtype: DataType): TensorInfo {
    return this.allocate(shape, dtype).info
  }

  token(): TensorInfo {
    return this.empty([], 'float32')
  }

  copy(from: TensorInfo, to: TensorInfo, region: StridedCopy): void {
    copyElements(this.values(from), this.values(to), region)
  }

  fill(y: TensorInfo, value: number): void {
    this.values(y).fill(value)
  }

  ramp(y: TensorInfo, { start, step }: { readonly start: number; readonly step: number }): void {
    const values = this.values(y)
    for (let i = 0; i < values.length; i++) values[i] = start + i * step
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const own = allocateValues(values.length, dtype, this.storage)
    own.set(values as ArrayLike<number>)
    this.#keep(dataId, own, dtype, refCount)
    this.countUpload(own.length, own.byteLength)
  }

  /** A copy of the values; a `Float64Array` where floats are stored in 64 bits, whatever the type says. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { values } = this.dataOf(dataId)
    this.countReadback(values.length)
    return values.slice() as tf.backend_util.BackendValues
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId)
  }

  protected free(): void {}

  #keep(dataId: object, values: Values, dtype: DataType, refCount: number): void {
    this.hold(dataId, { values, dtype, bytes: values.byteLength, refCount })
  }
}
