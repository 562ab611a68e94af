/** A buffer of the device by number: what the addon gives out in place of an address. 0 stands for none. */
export type Handle = number

/** Arrays whose bytes the device takes and gives. */
export type Values = Float32Array | Int32Array | Uint8Array

/** How many buffers, integers and reals a kernel takes; −1 where its parameters have a tail. */
export interface KernelSignature {
  readonly name: string
  readonly buffers: number
  readonly ints: number
  readonly reals: number
}

export interface MemoryUse {
  /** Bytes in buffers that JavaScript holds, and the most since `resetPeak`. */
  readonly liveBytes: number
  readonly peakBytes: number
  /** Bytes taken from the system, cached blocks included. */
  readonly reservedBytes: number
  readonly buffers: number
}

/**
 * A native device, opened for one JavaScript environment (the main thread or a worker). `surface/environment.cc`
 * implements it over `limbeck/device.h`; errors have a `code`, such as `stale-handle` or `out-of-memory`.
 *
 * Work is done in the order of the calls, which return before it is done, but for `download`.
 */
export interface NativeAddon {
  /** What the next launch carries, in one block that never moves. */
  readonly arguments: {
    readonly buffers: Float64Array
    readonly ints: Int32Array
    readonly reals: Float64Array
  }
  /** The kernels by number. */
  readonly kernels: readonly KernelSignature[]
  /** The elementwise operations by number. */
  readonly unaryOps: readonly string[]
  readonly binaryOps: readonly string[]
  /** Whether the device takes bfloat16 in place of float32 where `narrowForms` says so. */
  readonly bfloat16: boolean

  allocate(bytes: number): Handle
  release(buffer: Handle): void
  /** Copies all of `from` to the start of a buffer; `from` may be changed when this returns. */
  upload(to: Handle, from: Values): void
  /** Launches a kernel with the first so many of `arguments`; bit i of `narrow`: buffer i holds bfloat16. */
  launch(kernel: number, buffers: number, ints: number, reals: number, narrow: number): void
  /** Fills `to` from the start of a buffer, waiting for everything before, and returns it. */
  download<V extends Values>(from: Handle, to: V): V
  /** The same without waiting; `to` is not to be touched until then. */
  downloadLater<V extends Values>(from: Handle, to: V): Promise<V>
  memory(): MemoryUse
  resetPeak(): void
  /** What there is to know about the device, as name and value. */
  describe(): readonly (readonly [string, string])[]
}

/** What the addon's module exports. */
export interface NativeModule {
  /** The device of this environment: the same at each call. Throws when it cannot work here. */
  open(): NativeAddon
}
