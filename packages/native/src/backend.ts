import { BackendError, type DataType, formatShape, type TensorInfo, tf } from '@limbeck/core'
import {
  type Kernel,
  mergeAxes,
  type StridedCopy,
  TensorBackend,
  type TensorData,
} from '@limbeck/core/kernels'
import type { Handle, MemoryUse, NativeAddon, Values } from './addon.ts'
import { kernelNumbers } from './kernel-numbers.ts'
import { codes, MAX_RANK, type NativeKernelName, outputCounts } from './native-kernels.ts'
import {
  type KernelBuffers,
  type KernelInts,
  type KernelReals,
  kernelFields,
  tooMany,
  writeNumbers,
} from './parameters.ts'
import { storesNarrow } from './storage-policy.ts'
import {
  bytesPerElement,
  inDtype,
  type NativeDtype,
  nativeDtype,
  newStored,
  newValues,
  type Storage,
  storedBytes,
  storedValues,
} from './values.ts'

/** A tensor's data: on the device, or still on the host. */
interface NativeData extends TensorData {
  readonly id: object
  /** The kernel that made it, or who else, for messages. */
  readonly maker: string
  readonly dtype: NativeDtype
  readonly length: number
  /** How it lies on the device; open in a map that may be narrow, until a kernel writes it. */
  storage: Storage | undefined
  /** 0 where the data is not on the device, or is empty. */
  handle: Handle
  /** What the host gave, as long as no kernel has asked for it. */
  host: Values | undefined
}

/**
 * Arrays of at most so many bytes stay on the host until a kernel needs them; larger ones are uploaded as they come,
 * since keeping them would cost a copy.
 */
const SMALL_BYTES = 4096

/** How many makers of tensors the error names that says that memory ran out. */
const MOST_HOLDERS = 5

/** Counts and offsets are int32 on the device. */
const MAX_ELEMENTS = 2 ** 31 - 1

/**
 * A tfjs backend on a native device: tensors by handle, kernels that are launched by name.
 *
 * Nothing comes back to the host but what is read. A number (a tensor of one element) is no upload: it travels as an
 * argument of `fill`. What a kernel makes and does not give back is freed when it ends, so that kernels need not
 * release their temporaries.
 */
export class NativeBackend extends TensorBackend<NativeData> {
  readonly addon: NativeAddon
  readonly #kernels: Readonly<Record<NativeKernelName, number>>
  readonly #unaryOps: ReadonlyMap<string, number>
  readonly #binaryOps: ReadonlyMap<string, number>
  readonly #held = new Set<NativeData>()
  /** The kernel that runs, for messages. */
  #running: { readonly name: string; readonly inputs: object } | undefined
  /** What it has made so far. */
  #made: object[] = []
  /** Whether the maps that it makes are to be stored as bfloat16. */
  #narrow = false
  #closed = false

  /** Throws `BackendError` when the addon was built from other sources than these. */
  constructor(addon: NativeAddon) {
    super()
    this.addon = addon
    this.#kernels = kernelNumbers(addon)
    this.#unaryOps = numbersOf(addon.unaryOps)
    this.#binaryOps = numbersOf(addon.binaryOps)
  }

  override launch<Inputs extends object, Attrs>(
    name: string,
    kernel: Kernel<this, Inputs, Attrs>,
    inputs: Inputs,
    attrs: Attrs,
  ): TensorInfo | TensorInfo[] {
    this.#running = { name, inputs }
    this.#made = []
    let kept: readonly object[] = []
    try {
      this.#narrow = this.addon.bfloat16 && storesNarrow(name, this.#mapStorages(inputs))
      const output = super.launch(name, kernel, inputs, attrs)
      kept = Array.isArray(output) ? output.map(({ dataId }) => dataId) : [output.dataId]
      return output
    } finally {
      for (const dataId of this.#made) if (!kept.includes(dataId)) this.disposeData(dataId, true)
      this.#made = []
      this.#narrow = false
      this.#running = undefined
    }
  }

  /**
   * Launches a native kernel; nothing is done where all that it writes is empty. On a device with bfloat16, maps that are
   * written for the first time get their storage here, and what a kernel cannot take as bfloat16 is widened for it.
   */
  run<K extends NativeKernelName>(
    kernel: K,
    buffers: KernelBuffers<K>,
    ints: KernelInts<K>,
    ...[reals]: Record<never, never> extends KernelReals<K> ? [] : [KernelReals<K>]
  ): void {
    const { arguments: block } = this.addon
    const fields = kernelFields[kernel]!
    const list = fields.buffers
      ? this.#named(fields.buffers, buffers as Readonly<Record<string, TensorInfo | undefined>>)
      : this.#listed(buffers as readonly (TensorInfo | undefined)[])
    if (isVoid(list, outputCounts[kernel] ?? 1)) return
    if (list.length > block.buffers.length) throw tooMany(list.length, block.buffers.length)
    // all first: to put data on the device is a launch of its own, which writes to the same block
    for (const data of list) if (data?.host) this.#toDevice(data)
    const narrow = this.addon.bfloat16 ? narrowMask(fields.narrowSets, list) : 0
    const wide = this.addon.bfloat16 ? this.#settle(list, narrow, outputCounts[kernel] ?? 1) : []
    for (let i = 0; i < list.length; i++) block.buffers[i] = list[i]?.handle ?? 0
    const intCount = writeNumbers(fields.ints, ints as never, block.ints)
    const realCount = reals ? writeNumbers(fields.reals, reals as never, block.reals) : 0
    try {
      this.addon.launch(this.#kernels[kernel], list.length, intCount, realCount, narrow >>> 0)
    } catch (error) {
      throw this.#explain(error)
    } finally {
      for (const x of wide) this.release(x)
    }
  }

  /** The number of an elementwise operation. */
  unaryOp(name: string): number {
    return known(this.#unaryOps, name)
  }

  binaryOp(name: string): number {
    return known(this.#binaryOps, name)
  }

  /** The values of a tensor as far as the host still has them: those of small tensors that no kernel has used. */
  hostValues(x: TensorInfo): Values | undefined {
    return this.dataOf(x.dataId).host
  }

  empty(shape: readonly number[], dtype: DataType): TensorInfo {
    const dataId = {}
    const open = this.#narrow && shape.length === 4 && dtype === 'float32'
    const storage = open ? undefined : nativeDtype(dtype)
    const data = this.#keep(dataId, tf.util.sizeFromShape([...shape]), dtype, 1, storage)
    this.#made.push(dataId) // first: what cannot be allocated is let go of with the rest
    if (!open) this.#allocate(data)
    return { dataId, shape: [...shape], dtype }
  }

  token(): TensorInfo {
    return { dataId: this.write(Float32Array.of(0), [], 'float32'), shape: [], dtype: 'float32' }
  }

  copy(x: TensorInfo, y: TensorInfo, { shape, from, to }: StridedCopy): void {
    if (shape.includes(0)) return
    const { shape: lengths, strides } = mergeAxes({ shape, strides: [from.strides, to.strides] })
    const [xStrides, yStrides] = strides as [number[], number[]]
    const elementBytes = bytesPerElement(x.dtype)
    // axes that are one too many are walked here
    const extra = Math.max(0, lengths.length - MAX_RANK)
    const walk = (axis: number, xOffset: number, yOffset: number): void => {
      if (axis < extra) {
        for (let i = 0; i < lengths[axis]!; i++) {
          walk(axis + 1, xOffset + i * xStrides[axis]!, yOffset + i * yStrides[axis]!)
        }
        return
      }
      this.run(
        'copy',
        { x, y },
        {
          elementBytes,
          ...axesOf(lengths.slice(extra)),
          xStrides: xStrides.slice(extra),
          yStrides: yStrides.slice(extra),
          xOffset,
          yOffset,
        },
      )
    }
    walk(0, from.offset, to.offset)
  }

  fill(y: TensorInfo, value: number): void {
    const { dtype, length } = this.dataOf(y.dataId)
    this.run('fill', { y }, { dtype: codes.dtype[dtype], count: length }, { value })
  }

  ramp(y: TensorInfo, { start, step }: { readonly start: number; readonly step: number }): void {
    const { dtype, length } = this.dataOf(y.dataId)
    this.run('range', { y }, { dtype: codes.dtype[dtype], count: length }, { start, step })
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    _shape: number[],
    dtype: DataType,
    refCount: number,
  ): void {
    const given = inDtype(values as ArrayLike<number>, nativeDtype(dtype))
    const data = this.#keep(dataId, given.length, dtype, refCount, nativeDtype(dtype))
    if (data.length <= 1 || data.bytes <= SMALL_BYTES) {
      data.host = given === values ? given.slice() : given
      return
    }
    try {
      this.#upload(data, given)
    } catch (error) {
      this.disposeData(dataId, true) // nobody gets to know of this data
      throw error
    }
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const data = this.dataOf(dataId)
    this.countReadback(data.length)
    if (data.host) return data.host.slice()
    const { handle, length, storage } = data
    if (handle === 0 || storage === undefined) return newValues(length, data.dtype)
    const stored = newStored(length, storage)
    return storedValues(
      this.#guard(() => this.addon.download(handle, stored)),
      storage,
    )
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    const data = this.dataOf(dataId)
    this.countReadback(data.length)
    if (data.host) return data.host.slice()
    const { handle, length, storage } = data
    if (handle === 0 || storage === undefined) return newValues(length, data.dtype)
    try {
      return storedValues(await this.addon.downloadLater(handle, newStored(length, storage)), storage)
    } catch (error) {
      throw this.#explain(error)
    }
  }

  /** bfloat16 has the range of float32, so `epsilon` stays. */
  override floatPrecision(): 16 | 32 {
    return this.addon.bfloat16 ? 16 : 32
  }

  override describe(): readonly (readonly [string, string])[] {
    return this.addon.describe()
  }

  override memory(): { unreliable: boolean } & MemoryUse {
    return { unreliable: false, ...this.addon.memory() }
  }

  /** Waits for the device before and after. */
  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    this.#finish()
    const start = tf.util.now()
    run()
    this.#finish()
    return { kernelMs: tf.util.now() - start }
  }

  /** Frees everything; tensors of this backend are of no use any more. */
  override dispose(): void {
    for (const data of this.#held) this.free(data)
    this.#closed = true
  }

  protected free(data: NativeData): void {
    this.#held.delete(data)
    if (data.handle !== 0) this.#guard(() => this.addon.release(data.handle))
    data.handle = 0
  }

  /** Reading one element back waits for all that was launched. */
  #finish(): void {
    const x = this.empty([1], 'float32')
    this.fill(x, 0)
    this.readSync(x.dataId)
    this.release(x)
  }

  #keep(
    dataId: object,
    length: number,
    dtype: DataType,
    refCount: number,
    storage: Storage | undefined,
  ): NativeData {
    if (this.#closed) throw new BackendError('backend/closed', 'the backend was disposed')
    if (length > MAX_ELEMENTS) {
      throw new BackendError('backend/too-large', 'a tensor has more elements than the device can count', {
        expected: `at most ${MAX_ELEMENTS}`,
        received: String(length),
      })
    }
    const data: NativeData = {
      id: dataId,
      maker: this.#running?.name ?? 'the host',
      dtype: nativeDtype(dtype),
      length,
      storage,
      bytes: storage === undefined ? 0 : length * storedBytes(storage),
      refCount,
      handle: 0,
      host: undefined,
    }
    this.hold(dataId, data)
    this.#held.add(data)
    return data
  }

  /** Gives data its buffer, unless it has one from an attempt that failed later on. */
  #allocate(data: NativeData): void {
    if (data.length > 0 && data.handle === 0) data.handle = this.#guard(() => this.addon.allocate(data.bytes))
  }

  #upload(data: NativeData, values: Values): void {
    this.#allocate(data)
    if (data.length > 0) this.#guard(() => this.addon.upload(data.handle, values))
    this.countUpload(data.length, data.bytes)
  }

  #named(
    names: readonly string[],
    tensors: Readonly<Record<string, TensorInfo | undefined>>,
  ): (NativeData | undefined)[] {
    return names.map((name) => this.#optional(tensors[name]))
  }

  #listed(tensors: readonly (TensorInfo | undefined)[]): (NativeData | undefined)[] {
    return tensors.map((x) => this.#optional(x))
  }

  #optional(x: TensorInfo | undefined): NativeData | undefined {
    return x && this.dataOf(x.dataId)
  }

  /** How the maps lie that a kernel reads, as far as they are many numbers. */
  #mapStorages(inputs: object): (Storage | undefined)[] {
    const maps: (Storage | undefined)[] = []
    for (const x of Object.values(inputs) as (TensorInfo | undefined)[]) {
      if (x?.dtype !== 'float32' || x.shape.length !== 4) continue
      const { length, storage } = this.dataOf(x.dataId)
      if (length > 1) maps.push(storage)
    }
    return maps
  }

  /**
   * Gives open data its storage, and widens what is not taken as bfloat16: inputs into tensors that are given back, and
   * take their place in the list; what is written in place, for good.
   */
  #settle(list: (NativeData | undefined)[], narrow: number, outputs: number): TensorInfo[] {
    const wide: TensorInfo[] = []
    const firstWritten = outputs === 0 ? 0 : list.length - outputs
    for (let i = 0; i < list.length; i++) {
      const data = list[i]
      if (!data) continue
      const storage = isNarrow(narrow, i) ? 'bfloat16' : 'float32'
      if (data.storage === undefined) this.#setStorage(data, storage)
      else if (data.storage === 'bfloat16' && storage === 'float32') {
        const x = this.#widened(data)
        const copy = this.dataOf(x.dataId)
        if (i < firstWritten) list[i] = copy
        else exchange(data, copy)
        wide.push(x)
      }
    }
    return wide
  }

  #setStorage(data: NativeData, storage: Storage): void {
    const bytes = data.length * storedBytes(storage)
    if (data.length > 0) data.handle = this.#guard(() => this.addon.allocate(bytes))
    data.storage = storage
    this.resize(data, bytes)
  }

  /** A float32 copy of narrow data. */
  #widened({ id, length, dtype }: NativeData): TensorInfo {
    const y = this.empty([length], dtype)
    const code = codes.dtype[dtype]
    this.run(
      'cast',
      { x: { dataId: id, shape: [length], dtype }, y },
      { from: code, to: code, count: length },
    )
    return y
  }

  /** Puts data that is on the host on the device; where that fails, it stays on the host. */
  #toDevice(data: NativeData): void {
    const host = data.host!
    this.#allocate(data)
    data.host = undefined // first: `fill` is a launch, which puts what is on the host on the device
    try {
      if (data.length === 1) this.fill({ dataId: data.id, shape: [], dtype: data.dtype }, host[0]!)
      else this.#upload(data, host)
    } catch (error) {
      data.host = host
      throw error
    }
  }

  #guard<T>(call: () => T): T {
    try {
      return call()
    } catch (error) {
      throw this.#explain(error)
    }
  }

  /** An error of the addon with the kernel and the shapes that it happened at, and with who holds the memory. */
  #explain(error: unknown): Error {
    const { code, message } = error as Error & { code?: string }
    if (error instanceof BackendError || code === undefined) return error as Error
    // whatever comes after the loss of a device has no part in it
    const running = code === 'lost' ? undefined : this.#running
    const received = running && describe(running.inputs)
    const what = code === 'out-of-memory' ? `${message}; held by ${this.#holders()}` : message
    return new BackendError(`device/${code}`, running ? `${running.name}: ${what}` : what, {
      ...(received && { received }),
      cause: error,
    })
  }

  /** Who made what is on the device: those with most of it. */
  #holders(): string {
    const held = new Map<string, { bytes: number; tensors: number }>()
    for (const { maker, handle, bytes } of this.#held) {
      if (handle === 0) continue
      const sum = held.get(maker) ?? { bytes: 0, tensors: 0 }
      held.set(maker, { bytes: sum.bytes + bytes, tensors: sum.tensors + 1 })
    }
    const most = [...held].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, MOST_HOLDERS)
    const texts = most.map(
      ([maker, { bytes, tensors }]) => `${maker} ${(bytes / 2 ** 20).toFixed(1)} MiB in ${tensors}`,
    )
    return texts.join(', ') || 'nobody'
  }
}

/** Whether the last so many of a kernel's buffers, those that it writes, hold no element. */
function isVoid(list: readonly (NativeData | undefined)[], outputs: number): boolean {
  if (outputs === 0) return false
  for (let i = list.length - outputs; i < list.length; i++) if ((list[i]?.length ?? 0) > 0) return false
  return true
}

/** Which of the first buffers are narrow, bit by bit: those of a set that is narrow as far as it has its storage. */
function narrowMask(sets: readonly number[], list: readonly (NativeData | undefined)[]): number {
  const mayBeNarrow = (data: NativeData | undefined): boolean =>
    data === undefined || data.storage === undefined || data.storage === 'bfloat16'
  let mask = 0
  for (const set of sets) {
    if (list.every((data, i) => !isNarrow(set, i) || mayBeNarrow(data))) mask |= set
  }
  return mask
}

/** A mask of −1 speaks of all buffers, however many. */
const isNarrow = (mask: number, buffer: number): boolean =>
  mask === -1 || (buffer < 31 && ((mask >> buffer) & 1) === 1)

/** Lets two tensors of the same values change their memory. */
function exchange(a: NativeData, b: NativeData): void {
  ;[a.handle, b.handle] = [b.handle, a.handle]
  ;[a.storage, b.storage] = [b.storage, a.storage]
  ;[a.bytes, b.bytes] = [b.bytes, a.bytes]
}

/** Rank and lengths of axes as strided kernels take them: at least one axis. */
export const axesOf = (
  shape: readonly number[],
): { readonly rank: number; readonly shape: readonly number[] } => ({
  rank: Math.max(1, shape.length),
  shape,
})

const describe = (inputs: object): string =>
  Object.entries(inputs as Readonly<Record<string, TensorInfo | undefined>>)
    .flatMap(([name, x]) => (x ? [`${name} ${x.dtype} ${formatShape(x.shape)}`] : []))
    .join(', ')

function known(numbers: ReadonlyMap<string, number>, name: string): number {
  const number = numbers.get(name)
  if (number !== undefined) return number
  throw new BackendError('native/version', `the addon has no elementwise operation "${name}"`, {
    hint: 'build the addon again',
  })
}

const numbersOf = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map(names.map((name, number) => [name, number]))
