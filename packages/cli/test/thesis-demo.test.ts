import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRegistry, experimentSchema, loadCheckpoint } from '@limbeck/train'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { thesisDemoConfig } from '../src/presets/thesis-demo-config.ts'
import { readSettings, thesisDemoFlags } from '../src/presets/thesis-demo-flags.ts'
import { writeFolderSet } from './folder-set.ts'
import { limbeck } from './limbeck.ts'

const sets = [
  { use: 'folder', options: { path: '/one' } },
  { use: 'folder', options: { path: '/two' } },
]
/** The whole config behind some flags, as the schema fills it in. */
function configOf(flags: Readonly<Record<string, string>>) {
  const settings = readSettings({ dataset: '/one', ...flags } as never)
  const value = { name: 'demo', ...thesisDemoConfig(settings, sets.slice(0, settings.paths.length)) }
  return { settings, config: experimentSchema(createRegistry()).parse(value) }
}
const losses = (method: unknown) =>
  (method as { options: { losses: Record<string, { classWeights?: string; hardPixels?: number }> } }).options
    .losses

describe('Table 5.1, flag for flag', () => {
  it('has its 26 flags, in its order', () => {
    expect(Object.keys(thesisDemoFlags)).toEqual(
      (
        'multi-class binary-class predict epochs batch-size learning-rate device m_net b_net save dataset validation ' +
        'train-set test-set m_focal_loss m_dice_loss m_tversky_loss m_ob_loss b_focal_loss b_dice_loss ' +
        'b_tversky_loss b_ob_loss optimizer focal_weight hard_num combine'
      ).split(' '),
    )
  })

  it('has the defaults of the thesis', () => {
    const { settings, config } = configOf({})
    expect(settings).toMatchObject({
      multiClass: true,
      binaryClass: true,
      combine: true,
      predict: true,
      save: true,
    })
    expect(config).toMatchObject({
      epochs: 10,
      batch: { size: 1, augment: { flip: false, rotate: false } },
      optimizer: { use: 'adam', learningRate: 0.001, weightDecay: 0 },
      schedule: { use: 'constant' },
      protocol: { tasks: 'all', holdout: { share: 0.1 } },
      twoStage: { threshold: 0.5 },
    })
  })

  it.each([
    ['epochs', '3', { epochs: 3 }],
    ['batch-size', '2', { batch: { size: 2 } }],
    ['learning-rate', '0.01', { optimizer: { learningRate: 0.01 } }],
    ['optimizer', 'SGD', { optimizer: { use: 'sgd' } }],
    ['predict', '0', { predictions: false }],
    ['validation', '0.25', { protocol: { holdout: { share: 0.25 } } }],
    [
      'm_net',
      'unet++',
      { student: { use: 'unet-plus-plus' }, twoStage: { binary: { student: { use: 'unet-plus-plus' } } } },
    ],
    [
      'b_net',
      'deeplab',
      { student: { use: 'attention-unet' }, twoStage: { binary: { student: { use: 'deeplab-v3-plus' } } } },
    ],
    ['dataset', '/one', { data: { use: 'folder', options: { path: '/one' }, train: '*' } }],
  ])('--%s %s', (flag, value, expected) => {
    expect(configOf({ [flag]: value }).config).toMatchObject(expected)
  })

  it.each([
    ['unet', 'unet'],
    ['unet++', 'unet-plus-plus'],
    ['unet3+', 'unet-3-plus'],
    ['attunet', 'attention-unet'],
    ['deeplab', 'deeplab-v3-plus'],
  ])('--m_net %s is %s', (net, model) => {
    expect(configOf({ m_net: net }).config.student.use).toBe(model)
  })

  it.each([
    ['focal', 'focal'],
    ['dice', 'dice'],
    ['tversky', 'tversky'],
    ['ob', 'bootstrapped-cross-entropy'],
  ])('--m_%s_loss and --b_%s_loss are of one network each, and add up', (flag, name) => {
    const { config } = configOf({ [`m_${flag}_loss`]: '1' })
    const binary = config.twoStage!.binary.method
    expect([Object.keys(losses(config.method)), Object.keys(losses(binary))]).toEqual([
      [name],
      ['cross-entropy'],
    ])
    const both = configOf({ [`b_${flag}_loss`]: '1', b_dice_loss: '1' }).config.twoStage!.binary.method
    expect(new Set(Object.keys(losses(both)))).toEqual(new Set([name, 'dice']))
  })

  it.each([
    [1, 'uniform'],
    [2, 'inverse'],
    [3, 'growing-exponential'],
    [4, 'decaying-exponential'],
    [5, 'foreground-exponential'],
    [6, 'foreground-only'],
  ])('--focal_weight %i is %s, of the focal loss alone', (number, name) => {
    const flags = { focal_weight: String(number), m_focal_loss: '1', m_ob_loss: '1', hard_num: '4096' }
    const chosen = losses(configOf(flags).config.method)
    expect(chosen.focal!.classWeights).toBe(name)
    expect(chosen['bootstrapped-cross-entropy']).toMatchObject({ hardPixels: 4096 })
    expect(chosen['bootstrapped-cross-entropy']!.classWeights).toBeUndefined()
  })

  it('--device: cuda:0 as PyTorch names it, cpu, and every backend', () => {
    const deviceOf = (device: string) => configOf({ device }).settings.device
    expect(['cuda:0', 'cpu', 'simd'].map(deviceOf)).toEqual(['cuda', 'cpu', 'simd'])
  })

  it('--train-set and --test-set in place of --dataset', () => {
    const settings = readSettings({ 'train-set': '/one', 'test-set': '/two' } as never)
    expect(thesisDemoConfig(settings, sets)).toMatchObject({
      data: { options: { splits: { train: ['train/*'], validation: ['test/*'] } } },
    })
  })

  it.each([
    [{ 'multi-class': '2' }, '--multi-class 2: 0 or 1'],
    [{ 'multi-class': '0', 'binary-class': '0' }, 'nothing is left to train'],
    [{ 'binary-class': '0', combine: '1' }, 'needs both networks'],
    [{ focal_weight: '7' }, '1 (uniform), 2 (inverse)'],
    [{ 'train-set': '/one' }, 'missing or named twice'],
    [{ validation: '1' }, '--validation 1: a number above 0 and below 1'],
    [{ epochs: 'ten' }, '--epochs ten: a whole number above 0'],
  ])('refuses %j', (flags, message) => {
    expect(() => configOf(flags as never)).toThrow(message)
  })
})

describe('limbeck train --preset thesis-demo', () => {
  let home: string
  let dataset: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'limbeck-thesis-'))
    await writeFolderSet(home)
    dataset = join(home, 'set')
  })
  afterAll(() => rm(home, { recursive: true }))

  const small = [
    ...['--epochs', '1', '--device', 'ref', '--validation', '0.25'],
    ...['--set', 'student.options.width=2', '--set', 'student.options.depth=1'],
    ...['--set', 'twoStage.binary.student.options={width: 2, depth: 1}'],
  ]
  const demo = async (runs: string, ...flags: string[]) => {
    const given = ['--dataset', dataset, '--runs', join(home, runs), ...small, ...flags]
    const outcome = await limbeck('train', '--preset', 'thesis-demo', ...given)
    const [name] = await readdir(join(home, runs)).catch(() => [])
    return { ...outcome, directory: join(home, runs, name ?? '') }
  }

  it('trains, predicts and combines as in the thesis, and leaves its output tree', async () => {
    const { code, error, out, directory } = await demo(
      'whole',
      ...'--multi-class 1 --binary-class 1 --combine 1 --predict 1 --m_net attunet --b_net unet++'.split(' '),
      ...'--m_dice_loss 1 --b_dice_loss 1'.split(' '),
    )
    expect([code, error]).toEqual([0, expect.stringContaining('Net: unet++')])
    expect(directory).toMatch(/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/)
    expect(out).toContain(join(directory, 'combine'))
    for (const part of ['combine', 'multi_class/predictions', 'binary_class/predictions']) {
      const pictures = await readdir(join(directory, part))
      expect(pictures.filter((file) => file.endsWith('.mask.png'))).toHaveLength(1)
    }
    const models = ['', 'multi_class', 'binary_class'].map((part) =>
      join(directory, part, 'checkpoints', 'task-0', 'last.safetensors'),
    )
    const opened = await Promise.all(models.map((file) => loadCheckpoint(file, createRegistry())))
    expect(opened.map(({ description }) => description.model.use)).toEqual([
      'background-reuse',
      'attention-unet',
      'unet-plus-plus',
    ])
    const result = JSON.parse(await readFile(join(directory, 'result.json'), 'utf8'))
    expect(result.tasks[0].classes).toEqual(['background', 'red', 'green'])
    expect(await readFile(join(directory, 'report.html'), 'utf8')).toContain('Two stages')
  })

  it('trains one network alone, and keeps no model where none is wanted', async () => {
    const { code, directory } = await demo('binary', '--multi-class', '0', '--b_net', 'unet', '--save', '0')
    expect(code).toBe(0)
    expect(await readdir(directory)).toEqual(['binary_class'])
    const files = await readdir(join(directory, 'binary_class'))
    expect(files).toContain('result.json')
    expect(files).not.toContain('checkpoints')
  })

  it('says what is wrong before anything is written', async () => {
    const { code, error } = await demo('wrong', '--m_net', 'unett')
    expect([code, error]).toEqual([2, expect.stringContaining('did you mean "unet"?')])
    await expect(readdir(join(home, 'wrong'))).rejects.toThrow('ENOENT')
  })

  it('lists its flags, and is listed by limbeck train --help', async () => {
    const { out } = await limbeck('train', '--preset', 'thesis-demo', '--help')
    expect((await limbeck('train', '--help', '--preset=thesis-demo')).out).toBe(out)
    for (const flag of Object.keys(thesisDemoFlags)) expect(out).toContain(`--${flag} `)
    expect((await limbeck('train', '--help')).out).toContain('limbeck train --preset thesis-demo')
    expect((await limbeck('train', '--preset', 'thesis')).error).toContain('did you mean')
  })
})
