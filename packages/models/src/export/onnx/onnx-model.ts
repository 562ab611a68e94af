import { type Bytes, float, integer, joined, message, text } from './protobuf.ts'

/** An attribute of a node; numbers are integers unless they are wrapped. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number }

export interface OnnxNode {
  readonly type: string
  /** Names of values; '' leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** A constant of the graph. Integers are stored as int64. */
export interface OnnxTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array | readonly number[]
}

/** An input or output of the graph, float32. A dimension by name may have any size. */
export interface OnnxValue {
  readonly name: string
  readonly shape: readonly (number | string)[]
}

export interface OnnxModel {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly tensors: readonly OnnxTensor[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly metadata: Readonly<Record<string, string>>
}

/** ONNX 1.13: the first operator set in which Resize takes sizes for some axes alone. */
const OPERATOR_SET = 18
const IR_VERSION = 8

const FLOAT = 1
const INT64 = 7

/** The file of a model. Field numbers are those of onnx.proto3. */
export function serializeOnnx({ name, nodes, tensors, inputs, outputs, metadata }: OnnxModel): Uint8Array {
  const graph = [
    ...nodes.flatMap((node, i) => message(1, nodeMessage(node, `${node.type}_${i}`))),
    ...text(2, name),
    ...tensors.flatMap((tensor) => message(5, tensorMessage(tensor))),
    ...inputs.flatMap((value) => message(11, valueMessage(value))),
    ...outputs.flatMap((value) => message(12, valueMessage(value))),
  ]
  return joined([
    ...integer(1, IR_VERSION),
    ...text(2, 'limbeck'),
    ...message(7, graph),
    ...message(8, integer(2, OPERATOR_SET)),
    ...Object.entries(metadata).flatMap(([key, value]) => message(14, [...text(1, key), ...text(2, value)])),
  ])
}

const nodeMessage = ({ type, inputs, output, attributes = {} }: OnnxNode, name: string): Bytes => [
  ...inputs.flatMap((input) => text(1, input)),
  ...text(2, output),
  ...text(3, name),
  ...text(4, type),
  ...Object.entries(attributes).flatMap(([key, value]) => message(5, attributeMessage(key, value))),
]

function attributeMessage(name: string, value: OnnxAttribute): Bytes {
  const typed = (type: number, content: Bytes) => [...text(1, name), ...content, ...integer(20, type)]
  if (typeof value === 'number') return typed(2, integer(3, value))
  if (typeof value === 'string') return typed(3, text(4, value))
  if ('float' in value) return typed(1, float(2, value.float))
  return typed(
    7,
    value.flatMap((item) => integer(8, item)),
  )
}

const tensorMessage = ({ name, shape, data }: OnnxTensor): Bytes => [
  ...shape.flatMap((size) => integer(1, size)),
  ...integer(2, data instanceof Float32Array ? FLOAT : INT64),
  ...text(8, name),
  ...text(9, littleEndian(data)),
]

function littleEndian(data: OnnxTensor['data']): Uint8Array {
  const array = data instanceof Float32Array ? data : BigInt64Array.from(data, BigInt)
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function valueMessage({ name, shape }: OnnxValue): Bytes {
  const sizes = shape.map((size) => (typeof size === 'number' ? integer(1, size) : text(2, size)))
  const tensorType = [
    ...integer(1, FLOAT),
    ...message(
      2,
      sizes.flatMap((size) => message(1, size)),
    ),
  ]
  return [...text(1, name), ...message(2, message(1, tensorType))]
}
