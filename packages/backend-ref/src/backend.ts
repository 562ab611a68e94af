import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import type { RefKernel } from './kernels/kernel.ts'
import { allocateValues, type FloatStorage, type Values } from './storage.ts'

interface Buffer {
  readonly values: Values
  readonly dtype: DataType
  refCount: number
}

/** A fresh tensor and the array to fill. */
export interface Output {
  readonly info: TensorInfo
  readonly values: Values
}

/** What a backend did since it was made or since `resetStats()`; tensors of one element are no traffic. */
export interface BackendStats {
  /** Tensors of more than one element that came from the host or from another backend, and their bytes. */
  uploads: number
  uploadBytes: number
  /** Tensors of more than one element that were read by the host. */
  readbacks: number
  /** Bytes held now, and the most that were held at once since the last reset. */
  liveBytes: number
  peakBytes: number
  /** Kernel calls, except those that gave back a view of their input. */
  launches: number
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
export class RefBackend extends tf.KernelBackend {
  readonly storage: FloatStorage
  readonly stats: BackendStats = {
    uploads: 0,
    uploadBytes: 0,
    readbacks: 0,
    liveBytes: 0,
    peakBytes: 0,
    launches: 0,
  }
  readonly #buffers: tf.DataStorage<Buffer>

  constructor(storage: FloatStorage) {
    super()
    this.storage = storage
    this.#buffers = new tf.DataStorage(this, tf.engine())
  }

  /** Sets the counters to zero; live bytes stay, and the peak starts from them. */
  resetStats(): void {
    const { liveBytes } = this.stats
    Object.assign(this.stats, { uploads: 0, uploadBytes: 0, readbacks: 0, launches: 0, peakBytes: liveBytes })
  }

  /** Runs a kernel and counts it as a launch unless it gave back a view of an input. */
  launch<Inputs extends object, Attrs>(
    kernel: RefKernel<Inputs, Attrs>,
    inputs: Inputs,
    attrs: Attrs,
  ): TensorInfo | TensorInfo[] {
    const output = kernel(inputs, attrs, this)
    const isView =
      !Array.isArray(output) && Object.values(inputs).some((x: TensorInfo) => x?.dataId === output.dataId)
    if (!isView) this.stats.launches++
    return output
  }

  /** The values of a tensor, in row-major order: the array itself, to be written to only by in-place kernels. */
  values(x: TensorInfo): Values {
    return this.#buffers.get(x.dataId).values
  }

  /** A fresh tensor of zeros. */
  allocate(shape: readonly number[], dtype: DataType): Output {
    const values = allocateValues(tf.util.sizeFromShape([...shape]), dtype, this.storage)
    const dataId = {}
    this.#hold(dataId, values, dtype, 1)
    return { info: { dataId, shape: [...shape], dtype }, values }
  }

  /** What a kernel gives back that only changes its inputs: a scalar without meaning. */
  token(): TensorInfo {
    return this.allocate([], 'float32').info
  }

  /** The same data under another shape, without a copy. */
  view(x: TensorInfo, shape: readonly number[] = x.shape): TensorInfo {
    this.incRef(x.dataId)
    return { dataId: x.dataId, shape: [...shape], dtype: x.dtype }
  }

  /** Lets go of a tensor that a kernel made for itself. */
  release(x: TensorInfo): void {
    this.disposeData(x.dataId)
  }

  override write(values: tf.backend_util.BackendValues, _shape: number[], dtype: DataType): object {
    const dataId = {}
    this.move(dataId, values, _shape, dtype, 1)
    return dataId
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
    this.#hold(dataId, own, dtype, refCount)
    if (own.length <= 1) return
    this.stats.uploads++
    this.stats.uploadBytes += own.byteLength
  }

  /** A copy of the values; a `Float64Array` where floats are stored in 64 bits, whatever the type says. */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { values } = this.#buffers.get(dataId)
    if (values.length > 1) this.stats.readbacks++
    return values.slice() as tf.backend_util.BackendValues
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId)
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.#buffers.has(dataId)) return true
    const buffer = this.#buffers.get(dataId)
    buffer.refCount--
    if (buffer.refCount > 0 && !force) return false
    this.stats.liveBytes -= buffer.values.byteLength
    this.#buffers.delete(dataId)
    return true
  }

  override refCount(dataId: object): number {
    return this.#buffers.has(dataId) ? this.#buffers.get(dataId).refCount : 0
  }

  override incRef(dataId: object): void {
    this.#buffers.get(dataId).refCount++
  }

  override numDataIds(): number {
    return this.#buffers.numDataIds()
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false }
  }

  override floatPrecision(): 16 | 32 {
    return 32
  }

  override epsilon(): number {
    return 1e-7
  }

  override timerAvailable(): boolean {
    return true
  }

  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    const start = tf.util.now()
    run()
    return { kernelMs: tf.util.now() - start }
  }

  override dispose(): void {}

  #hold(dataId: object, values: Values, dtype: DataType, refCount: number): void {
    this.#buffers.set(dataId, { values, dtype, refCount })
    this.stats.liveBytes += values.byteLength
    this.stats.peakBytes = Math.max(this.stats.peakBytes, this.stats.liveBytes)
  }
}
