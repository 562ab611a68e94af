import { LimbeckError, type Model, readState, type Tensor4D, tf } from '@limbeck/core'
import { GraphRecorder, RECORDER } from './graph-recorder.ts'
import { registerRecorderKernels } from './kernels.ts'
import { serializeOnnx } from './onnx-model.ts'

export interface OnnxOptions {
  /** Size of the images: the graph is made for one. */
  readonly height: number
  readonly width: number
  /** Channels of the images. Default 3. */
  readonly inChannels?: number
  /** Taps to compute, each an output. Default `logits`. */
  readonly want?: readonly string[]
  /** What the graph does to an image before the network: `scale · image + offset`. Default nothing. */
  readonly input?: { readonly scale: number; readonly offset: number }
  /** Goes into the file: names of classes, where it comes from, … */
  readonly metadata?: Readonly<Record<string, string>>
}

/** Name of the graph's input. */
const IMAGE = 'image'
/** The dimension that stays open. */
const BATCH = 'batch'

/**
 * A network in mode `eval` as an ONNX file, operator set 18. Input `image` [batch, C, height, width] float32, one
 * output per tap, channels first as well: a batch of any size, images of one size.
 *
 * The network runs once on a backend that records kernels in place of computing, so nothing is said twice about
 * what a network is; other tensor work must wait meanwhile. Throws `LimbeckError` (`export/unsupported-kernel`)
 * when it reaches a kernel that has no counterpart.
 */
export async function exportOnnx(
  model: Model,
  { height, width, inChannels = 3, want = ['logits'], input, metadata = {} }: OnnxOptions,
): Promise<Uint8Array> {
  const state = await readState(model)
  const graph = new GraphRecorder()
  for (const [name, { tensor }] of [...model.parameters(), ...model.buffers()]) {
    graph.know(tensor, name, state.get(name)!)
  }
  const shapes = await recording(graph, () => {
    const image = tf
      .engine()
      .makeTensorFromTensorInfo(graph.value(IMAGE, [1, height, width, inChannels])) as Tensor4D
    const scaled = input ? tf.add<Tensor4D>(tf.mul(image, input.scale), input.offset) : image
    const maps = model.forward(scaled, { want, mode: 'eval' })
    return want.map((tap) => {
      const map = maps[tap]!
      graph.nodes.push({ type: 'Identity', inputs: [graph.name(map)], output: tap })
      const [, h, w, c] = map.shape
      return { name: tap, shape: [BATCH, c, h, w] }
    })
  })
  return serializeOnnx({
    name: 'limbeck',
    nodes: graph.nodes,
    tensors: graph.tensors,
    inputs: [{ name: IMAGE, shape: [BATCH, inChannels, height, width] }],
    outputs: shapes,
    metadata,
  })
}

/** Runs `forward` on the recorder and goes back to the backend of before. */
async function recording<T>(graph: GraphRecorder, forward: () => T): Promise<T> {
  const before = tf.getBackend()
  registerRecorderKernels()
  tf.registerBackend(RECORDER, () => graph)
  try {
    await tf.setBackend(RECORDER)
    let result: T
    tf.tidy(() => {
      result = forward()
    })
    return result!
  } catch (error) {
    throw explained(error)
  } finally {
    await tf.setBackend(before)
    tf.removeBackend(RECORDER)
  }
}

/** tfjs says which kernel a backend lacks in words alone. */
function explained(error: unknown): unknown {
  const kernel = /Kernel '(\w+)' not registered/.exec(error instanceof Error ? error.message : '')?.[1]
  if (kernel === undefined) return error
  return new LimbeckError(
    'export/unsupported-kernel',
    `export: kernel "${kernel}" has no counterpart in ONNX`,
    {
      hint: 'networks of plain convolutions, normalisation, pooling, resizing and arithmetic can be exported',
      cause: error,
    },
  )
}
