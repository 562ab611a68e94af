import { BackendError } from '../errors.ts'
import { type DataType, type TensorInfo, tf } from '../tf.ts'
import type { Kernel } from './kernel.ts'
import type { LayoutBackend, StridedCopy } from './layout-backend.ts'

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

/** What a backend keeps of a tensor's data. */
export interface TensorData {
  readonly dtype: DataType
  /** Held now; set by `resize`. */
  bytes: number
  refCount: number
}

/** What Limbeck's own backends are made from: data by id with reference counts, views, counters. */
export abstract class TensorBackend<Data extends TensorData>
  extends tf.KernelBackend
  implements LayoutBackend
{
  readonly stats: BackendStats = {
    uploads: 0,
    uploadBytes: 0,
    readbacks: 0,
    liveBytes: 0,
    peakBytes: 0,
    launches: 0,
  }
  /** Not tfjs's `DataStorage`, which looks every tensor up three times. */
  readonly #data = new WeakMap<object, Data>()
  #dataIds = 0
  /** Views that the kernel which runs has taken and not released. */
  #views: object[] = []

  abstract empty(shape: readonly number[], dtype: DataType): TensorInfo
  abstract copy(from: TensorInfo, to: TensorInfo, region: StridedCopy): void
  abstract fill(y: TensorInfo, value: number): void
  abstract ramp(y: TensorInfo, ramp: { readonly start: number; readonly step: number }): void

  /** What a kernel gives back that only changes its inputs: a scalar without meaning. */
  abstract token(): TensorInfo

  /** Frees what is behind data that nothing refers to any more. */
  protected abstract free(data: Data): void

  /** Sets the counters to zero; live bytes stay, and the peak starts from them. */
  resetStats(): void {
    const { liveBytes } = this.stats
    Object.assign(this.stats, { uploads: 0, uploadBytes: 0, readbacks: 0, launches: 0, peakBytes: liveBytes })
  }

  /**
   * Runs the kernel of a name and counts it as a launch unless it gave back a view of an input. When it throws, the views
   * that it has taken are released.
   */
  launch<Inputs extends object, Attrs>(
    _name: string,
    kernel: Kernel<this, Inputs, Attrs>,
    inputs: Inputs,
    attrs: Attrs,
  ): TensorInfo | TensorInfo[] {
    this.#views = []
    let output: TensorInfo | TensorInfo[]
    try {
      output = kernel(inputs, attrs, this)
    } catch (error) {
      for (const dataId of this.#views) this.disposeData(dataId)
      throw error
    }
    const isView =
      !Array.isArray(output) && Object.values(inputs).some((x: TensorInfo) => x?.dataId === output.dataId)
    if (!isView) this.stats.launches++
    return output
  }

  view(x: TensorInfo, shape: readonly number[] = x.shape): TensorInfo {
    this.incRef(x.dataId)
    this.#views.push(x.dataId)
    return { dataId: x.dataId, shape: [...shape], dtype: x.dtype }
  }

  release(x: TensorInfo): void {
    const view = this.#views.lastIndexOf(x.dataId)
    if (view >= 0) this.#views.splice(view, 1)
    this.disposeData(x.dataId)
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: DataType): object {
    const dataId = {}
    this.move(dataId, values, shape, dtype, 1)
    return dataId
  }

  override disposeData(dataId: object, force = false): boolean {
    const data = this.#data.get(dataId)
    if (!data) return true
    data.refCount--
    if (data.refCount > 0 && !force) return false
    this.stats.liveBytes -= data.bytes
    this.#data.delete(dataId)
    this.#dataIds--
    this.free(data)
    return true
  }

  override refCount(dataId: object): number {
    return this.#data.get(dataId)?.refCount ?? 0
  }

  override incRef(dataId: object): void {
    this.dataOf(dataId).refCount++
  }

  override numDataIds(): number {
    return this.#dataIds
  }

  /** What there is to know about the device behind it, as name and value; `limbeck doctor` prints it. */
  describe(): readonly (readonly [string, string])[] {
    return []
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

  /** The data of a tensor; tfjs moves it here when it lies with another backend. Throws `BackendError` after disposal. */
  protected dataOf(dataId: object): Data {
    const data = this.#data.get(dataId)
    if (data) return data
    if (!tf.engine().state.tensorInfo.has(dataId)) {
      throw new BackendError('backend/disposed', 'a tensor is used after it was disposed')
    }
    tf.engine().moveData(this, dataId)
    return this.#data.get(dataId)!
  }

  /** Keeps data under an id. */
  protected hold(dataId: object, data: Data): void {
    this.#data.set(dataId, data)
    this.#dataIds++
    this.#countBytes(data.bytes)
  }

  /** Says how many bytes data takes from now on. */
  protected resize(data: Data, bytes: number): void {
    this.#countBytes(bytes - data.bytes)
    data.bytes = bytes
  }

  #countBytes(more: number): void {
    this.stats.liveBytes += more
    this.stats.peakBytes = Math.max(this.stats.peakBytes, this.stats.liveBytes)
  }

  protected countUpload(elements: number, bytes: number): void {
    if (elements <= 1) return
    this.stats.uploads++
    this.stats.uploadBytes += bytes
  }

  protected countReadback(elements: number): void {
    if (elements > 1) this.stats.readbacks++
  }
}
