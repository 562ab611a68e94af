import type { Handle, NativeAddon, Values } from '../src/addon.ts'
import { MAX_RANK, type NativeKernelName, nativeKernels } from '../src/native-kernels.ts'
import { type Field, kernelFields } from '../src/parameters.ts'

/** A launch as the device saw it. */
export interface Launch {
  readonly kernel: string
  readonly buffers: readonly Handle[]
  readonly ints: Readonly<Record<string, number | number[]>>
  readonly reals: Readonly<Record<string, number | number[]>>
  /** Bit i: buffer i is bfloat16. */
  readonly narrow: number
}

export interface RecordingAddon extends NativeAddon {
  readonly launches: Launch[]
  readonly uploads: Values[]
  /** Bytes by handle. */
  readonly buffers: Map<Handle, Uint8Array>
}

const names = Object.keys(nativeKernels) as NativeKernelName[]
const unaryOps = ['relu', 'isNan', 'sqrt', 'leakyRelu', 'sigmoid', 'neg']
const binaryOps = ['add', 'multiply', 'prelu', 'equal']

/** A device in JavaScript that moves, fills and casts memory and writes down everything else. */
export function recordingAddon({ bfloat16 = false } = {}): RecordingAddon {
  const block = { buffers: new Float64Array(64), ints: new Int32Array(64), reals: new Float64Array(64) }
  const launches: Launch[] = []
  const uploads: Values[] = []
  const buffers = new Map<Handle, Uint8Array>()
  let last = 0
  const held = (buffer: Handle): Uint8Array => {
    const bytes = buffers.get(buffer)
    if (!bytes) throw Object.assign(new Error('no such buffer'), { code: 'stale-handle' })
    return bytes
  }
  return {
    arguments: block,
    launches,
    uploads,
    buffers,
    unaryOps,
    binaryOps,
    bfloat16,
    kernels: names.map((name) => {
      const fields = kernelFields[name]!
      const tailed = [...fields.ints, ...fields.reals].some(({ kind }) => kind === 'tail')
      const count = (list: readonly Field[]) =>
        list.reduce((sum, { kind }) => sum + (kind === 'axes' ? MAX_RANK : 1), 0)
      return {
        name,
        buffers: tailed ? -1 : fields.buffers!.length,
        ints: tailed ? -1 : count(fields.ints),
        reals: tailed ? -1 : count(fields.reals),
      }
    }),
    allocate(bytes) {
      if (bytes > 2 ** 30) throw Object.assign(new Error('1 GiB in use'), { code: 'out-of-memory' })
      buffers.set(++last, new Uint8Array(bytes))
      return last
    },
    release(buffer) {
      held(buffer)
      buffers.delete(buffer)
    },
    upload(to, from) {
      uploads.push(from)
      held(to).set(bytesOf(from))
    },
    launch(number, bufferCount, intCount, realCount, narrow) {
      const kernel = names[number]!
      const launch = {
        kernel,
        buffers: [...block.buffers.subarray(0, bufferCount)],
        ints: decoded(kernelFields[kernel]!.ints, [...block.ints.subarray(0, intCount)]),
        reals: decoded(kernelFields[kernel]!.reals, [...block.reals.subarray(0, realCount)]),
        narrow,
      }
      for (const buffer of launch.buffers) if (buffer !== 0) held(buffer)
      launches.push(launch)
      if (kernel === 'fill') fill(held(launch.buffers[0]!), launch)
      if (kernel === 'cast') cast(held(launch.buffers[0]!), held(launch.buffers[1]!), launch)
      if (kernel === 'copy') copy(held(launch.buffers[0]!), held(launch.buffers[1]!), launch)
    },
    download(from, to) {
      bytesOf(to).set(held(from).subarray(0, to.byteLength))
      return to
    },
    async downloadLater(from, to) {
      return this.download(from, to)
    },
    memory: () => ({ liveBytes: 0, peakBytes: 0, reservedBytes: 0, buffers: buffers.size }),
    resetPeak() {},
    describe: () => [['device', 'recording']],
  }
}

const bytesOf = (values: Values): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Numbers by name; a single tail takes what is left. */
function decoded(fields: readonly Field[], numbers: number[]): Record<string, number | number[]> {
  const rest = [...numbers]
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      if (kind === 'number') return [name, rest.shift()!]
      return [name, rest.splice(0, kind === 'axes' ? MAX_RANK : rest.length)]
    }),
  )
}

function fill(y: Uint8Array, { ints, reals, narrow }: Launch): void {
  const values = new Elements[ints.dtype as number]!(ints.count as number).fill(reals.value as number)
  y.set(narrow ? upperHalves(values) : bytesOf(values))
}

function cast(x: Uint8Array, y: Uint8Array, { ints, narrow }: Launch): void {
  const [From, To] = [Elements[ints.from as number]!, Elements[ints.to as number]!]
  const given = narrow & 1 ? fromUpperHalves(x) : new From(x.buffer as ArrayBuffer)
  const values = To.from(given)
  y.set(narrow & 2 ? upperHalves(values) : bytesOf(values))
}

const Elements = [Float32Array, Int32Array, Uint8Array] as const

/** bfloat16 without rounding, which is exact for small numbers. */
function upperHalves(values: Values): Uint8Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer)
  return new Uint8Array(Uint16Array.from(bits, (all) => all >>> 16).buffer)
}
const fromUpperHalves = (bytes: Uint8Array): Float32Array =>
  new Float32Array(Uint32Array.from(new Uint16Array(bytes.buffer), (half) => half << 16).buffer)

function copy(x: Uint8Array, y: Uint8Array, { ints, narrow }: Launch): void {
  const { elementBytes, rank, shape, xStrides, yStrides } = ints as Record<string, number> & {
    shape: number[]
    xStrides: number[]
    yStrides: number[]
  }
  const bytes = narrow ? 2 : elementBytes!
  const walk = (axis: number, from: number, to: number): void => {
    if (axis === rank) {
      y.set(x.subarray(from * bytes, (from + 1) * bytes), to * bytes)
      return
    }
    for (let i = 0; i < shape[axis]!; i++)
      walk(axis + 1, from + i * xStrides[axis]!, to + i * yStrides[axis]!)
  }
  walk(0, ints.xOffset as number, ints.yOffset as number)
}
