import { LimbeckError, type StoredTensor, type TensorInfo, tf } from '@limbeck/core'
import type { OnnxAttribute, OnnxNode, OnnxTensor } from './onnx-model.ts'

/** Name of the tfjs backend that records. */
export const RECORDER = 'onnx-recorder'

/** NHWC, as maps lie here, to NCHW, as they lie in ONNX, and back. */
export const TO_CHANNELS_FIRST = [0, 3, 1, 2]
export const TO_CHANNELS_LAST = [0, 2, 3, 1]

/** A tensor that stands in the file: a parameter, in PyTorch's layout, which is ONNX's too, or a literal. */
interface Stored {
  readonly name: string
  readonly stored: StoredTensor
}

/** A tensor that a node of the graph computes; of rank 4 it is channels-first there. */
interface Computed {
  readonly name: string
}

/**
 * A tfjs backend that computes nothing: each kernel adds nodes to a graph. Tensors have shapes and stand for
 * values of the graph; parameters may live on any other backend, and are recognised by their identity.
 */
export class GraphRecorder extends tf.KernelBackend {
  readonly nodes: OnnxNode[] = []
  readonly #values = new WeakMap<object, Stored | Computed>()
  readonly #tensors = new Map<string, OnnxTensor>()
  #count = 0

  get tensors(): readonly OnnxTensor[] {
    return [...this.#tensors.values()]
  }

  /** Lets a tensor of a module stand for what the file will hold under that name. */
  know(tensor: TensorInfo, name: string, stored: StoredTensor): void {
    this.#values.set(tensor.dataId, { name, stored })
  }

  /** A tensor for a value of the graph, by name: its input, or what a node gave. */
  value(name: string, shape: readonly number[]): TensorInfo {
    const dataId = {}
    this.#values.set(dataId, { name })
    return { dataId, shape: [...shape], dtype: 'float32' }
  }

  /** Another shape of the same value, or the value itself once more. */
  alias({ dataId }: TensorInfo, shape: readonly number[]): TensorInfo {
    const other = {}
    this.#values.set(other, this.#values.get(dataId)!)
    return { dataId: other, shape: [...shape], dtype: 'float32' }
  }

  /** Adds a node; its output's name. */
  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    const output = `${type.toLowerCase()}_${this.#count++}`
    this.nodes.push({ type, inputs, output, attributes })
    return output
  }

  /** Adds a list of integers; its name. */
  integers(data: readonly number[]): string {
    return this.#add({ name: `integers_${data.join('_')}`, shape: [data.length], data })
  }

  /** Adds a number; its name. */
  number(value: number): string {
    return this.#add({ name: `number_${value}`, shape: [], data: Float32Array.of(value) })
  }

  /** The name of a tensor as a node's input, in its own shape. */
  name({ dataId }: TensorInfo): string {
    const value = this.#values.get(dataId)!
    return 'stored' in value ? this.#file(value.name, value.stored, value.stored.shape) : value.name
  }

  /** The name of a tensor that is broadcast against tensors of that rank; a vector is one of channels. */
  broadcast(x: TensorInfo, rank: number): string {
    const channelsOfMap = rank === 4 && x.shape.length === 1
    if (!channelsOfMap) return this.name(x)
    const shape = [x.shape[0]!, 1, 1]
    const value = this.#values.get(x.dataId)!
    return 'stored' in value
      ? this.#file(`${value.name}/map`, value.stored, shape)
      : this.node('Reshape', [value.name, this.integers(shape)])
  }

  override write(values: tf.BackendValues, shape: number[]): object {
    const dataId = {}
    const constant = {
      name: `constant_${this.#count++}`,
      stored: { shape, data: values as StoredTensor['data'] },
    }
    this.#values.set(dataId, shape.length === 4 ? { name: this.#channelsFirst(constant) } : constant)
    return dataId
  }

  override readSync(): never {
    throw new LimbeckError(
      'export/values',
      'export: the network reads values in the middle of its forward pass',
      {
        hint: 'only what follows from shapes can be exported',
      },
    )
  }

  override disposeData(): boolean {
    return true
  }

  override incRef(): void {}

  override dispose(): void {}

  override numDataIds(): number {
    return 0
  }

  #channelsFirst({ name, stored }: Stored): string {
    return this.node('Transpose', [this.#file(name, stored, stored.shape)], { perm: TO_CHANNELS_FIRST })
  }

  #file(name: string, { data }: StoredTensor, shape: readonly number[]): string {
    return this.#add({ name, shape, data: data instanceof Float32Array ? data : Float32Array.from(data) })
  }

  #add(tensor: OnnxTensor): string {
    this.#tensors.set(tensor.name, tensor)
    return tensor.name
  }
}
