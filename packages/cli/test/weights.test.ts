import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  parseSafetensors,
  Random,
  readState,
  type StoredTensor,
  selectBackend,
  serializeSafetensors,
  type Tensor4D,
  tf,
} from '@limbeck/core'
import { separableUnet, unet } from '@limbeck/models'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limbeck } from './limbeck.ts'

// by Node's own resolution, which finds the build for Node
const { InferenceSession, Tensor } = createRequire(import.meta.url)(
  'onnxruntime-web',
) as typeof import('onnxruntime-web')

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'limbeck-weights-'))
  await selectBackend({ argument: 'ref' })
})
afterAll(() => rm(directory, { recursive: true }))

const at = (name: string) => join(directory, name)

const write = (name: string, tensors: ReadonlyMap<string, StoredTensor>) =>
  writeFile(at(name), serializeSafetensors({ tensors, metadata: {} }))

const network = (seed: string) => separableUnet({ classes: 3, size: 'tiny', random: new Random(seed) })

const [height, width] = [19, 22]
const pixels = Uint8Array.from({ length: height * width * 4 }, (_, i) => (i * 37 + (i >> 5) * 11) % 256)
/** The same pixels as the network sees them when it trains. */
const images = (): Tensor4D => {
  const rgb = pixels.filter((_, i) => i % 4 !== 3)
  return tf.tensor4d(
    Float32Array.from(rgb, (byte) => (byte / 255 - 0.5) * 4),
    [1, height, width, 3],
  )
}

test('an smp U-Net goes in and comes out with its names and values', async () => {
  const size = { encoder: 'resnet-18', width: 2 } as const
  const tensors = await readState(unet({ ...size, classes: 2, random: new Random('a') }))
  const counter = { shape: [], data: Int32Array.of(3) }
  await write('smp.safetensors', new Map(tensors).set('encoder.bn1.num_batches_tracked', counter))

  const options = ['--model', 'unet', '--set', 'encoder=resnet-18', '--set', 'width=2']
  const classes = ['--classes', 'background,nucleus']
  const imported = await limbeck(
    'import',
    at('smp.safetensors'),
    ...options,
    ...classes,
    '--out',
    at('in.safetensors'),
  )
  expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('all of the model') })

  const out = at('out.safetensors')
  expect(
    await limbeck('export', at('in.safetensors'), '--format', 'safetensors', '--out', out),
  ).toMatchObject({ code: 0 })
  expect(parseSafetensors(await readFile(out)).tensors).toEqual(tensors)
})

test('weights that do not fit are listed and write nothing', async () => {
  await write('odd.safetensors', await readState(network('a')))
  const call = [
    '--model',
    'separable-unet',
    '--set',
    'size=tiny',
    '--classes',
    '4',
    '--out',
    at('none.safetensors'),
  ]
  const { code, error } = await limbeck('import', at('odd.safetensors'), ...call)
  expect(code).toBe(2)
  expect(error).toContain('segmentation_head.0.bias: expected [4], received [3]')
  await expect(readFile(at('none.safetensors'))).rejects.toThrow('ENOENT')
})

test('a student runs in onnxruntime and as a web module on the stock tfjs backend as here', async () => {
  const model = network('a')
  await write('student-weights.safetensors', await readState(model))
  const call = [
    '--model',
    'separable-unet',
    '--set',
    'size=tiny',
    '--classes',
    '3',
    '--out',
    at('student.safetensors'),
  ]
  await limbeck('import', at('student-weights.safetensors'), ...call)
  const { logits } = model.forward(images(), { want: ['logits'], mode: 'eval' })

  const onnx = ['--format', 'onnx', '--size', `${height}x${width}`, '--out', at('student.onnx')]
  expect(await limbeck('export', at('student.safetensors'), ...onnx)).toMatchObject({ code: 0 })
  const session = await InferenceSession.create(await readFile(at('student.onnx')))
  const unit = await tf.transpose(tf.add(tf.div(images(), 4), 0.5), [0, 3, 1, 2]).data()
  const image = new Tensor('float32', unit as Float32Array, [1, 3, height, width])
  const { logits: theirs } = await session.run({ image })
  const expected = await tf.transpose(logits!, [0, 3, 1, 2]).data()
  const error = Math.max(...(theirs!.data as Float32Array).map((value, i) => Math.abs(value - expected[i]!)))
  expect(error).toBeLessThan(1e-4 * Math.max(...expected.map(Math.abs)))

  const page = ['--format', 'tfjs', '--out', at('page')]
  expect(await limbeck('export', at('student.safetensors'), ...page)).toMatchObject({ code: 0 })
  const { classIds, probabilities } = await inPlainNode(at('page'))
  expect(classIds).toEqual([...(await tf.argMax(logits!, 3).data())])
  const softmax = await tf.softmax(logits!).data()
  expect(Math.max(...probabilities.map((value, i) => Math.abs(value - softmax[i]!)))).toBeLessThan(1e-4)
})

interface Answer {
  readonly classIds: number[]
  readonly probabilities: number[]
}

/** What the module says of the picture in a process of its own, on tfjs's backend for the CPU. */
async function inPlainNode(folder: string): Promise<Answer> {
  const backend = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-cpu')
  const program = `
    import { readFile } from 'node:fs/promises'
    import ${JSON.stringify(backend)}
    import { load } from './model.js'
    const segmenter = await load({ backend: 'cpu', weights: await readFile('weights.safetensors') })
    const image = { data: await readFile('pixels.bin'), width: ${width}, height: ${height} }
    const { classIds } = await segmenter.segment(image)
    const probabilities = await segmenter.probabilities(image)
    console.log(JSON.stringify({ classIds: [...classIds], probabilities: [...probabilities] }))
  `
  await Promise.all([
    writeFile(join(folder, 'pixels.bin'), pixels),
    writeFile(join(folder, 'program.mjs'), program),
  ])
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder })
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}
