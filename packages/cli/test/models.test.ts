import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IMAGES, writeFolderSet, writeImage } from './folder-set.ts'
import { limbeck, type Outcome } from './limbeck.ts'

let home: string
let run: string
let trained: Outcome
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'limbeck-cli-'))
  run = join(home, 'runs', 'tiny')
  const config = await writeFolderSet(home)
  trained = await limbeck('train', config, '--runs', join(home, 'runs'), '--backend', 'ref')
})
afterAll(() => rm(home, { recursive: true }))

const result = async () => JSON.parse(await readFile(join(run, 'result.json'), 'utf8'))

describe('limbeck train', () => {
  it('ends with a table per task and the places of its files', async () => {
    expect(trained.code).toBe(0)
    expect(trained.out).toMatch(/task 0: red.*task 1: green.*without background +\S+ +\S+ +\S+/s)
    expect(trained.out).toContain(join(run, 'report.html'))
    expect(trained.error).toContain('backend ref (asked for by argument)')
  })

  it('prints one JSON object a line with --json', async () => {
    const { code, out, error } = await limbeck(
      ...['train', join(home, 'config.yaml'), '--runs', join(home, 'runs'), '--backend', 'ref'],
      ...['--name', 'as-json', '--json'],
    )
    const lines = out.split('\n').map((line) => JSON.parse(line))
    const kinds = lines.map(({ kind }) => kind)
    expect(kinds[0]).toBe('begin')
    expect(new Set(kinds)).toEqual(new Set(['begin', 'task-start', 'step', 'epoch', 'task-end', 'result']))
    expect(lines.at(-1).result.tasks).toEqual((await result()).tasks)
    expect({ code, error }).toEqual({ code: 0, error: '' })
  })

  it('goes on with a run only with the config that it began with', async () => {
    const config = join(home, 'config.yaml')
    const flags = ['--runs', join(home, 'runs'), '--backend', 'ref', '--resume'] as const
    const other = await limbeck('train', config, ...flags, '--set', 'epochs=2')
    expect(other.error).toMatch(/began with another config.*the same epochs/s)
    expect(other.code).toBe(2)
    expect(await limbeck('train', config, ...flags)).toMatchObject({ code: 0 })
  })
})

describe('limbeck eval', () => {
  it('finds on the validation split what training found', async () => {
    const { out } = await limbeck('eval', run, '--backend', 'ref', '--json')
    expect(JSON.parse(out).metrics).toEqual((await result()).tasks[1].metrics)
  })

  it('measures other splits, and models by their file', async () => {
    const checkpoint = join(run, 'checkpoints', 'task-0', 'last.safetensors')
    const { code, out } = await limbeck('eval', checkpoint, '--split', 'train', '--backend', 'ref')
    expect(out).toMatch(/on 3 images of "train".*red/s)
    expect(code).toBe(0)
  })

  it('measures objects, borders and bounds too, and keeps what each image gives to go on with', async () => {
    const records = join(home, 'records.jsonl')
    const flags = ['--metric', 'panoptic-quality', '--metric', 'surface-dice={tolerance: 1}'] as const
    const more = ['--averaging', 'perImagePresent', '--bootstrap', '20', '--backend', 'ref'] as const
    const first = await limbeck('eval', run, ...flags, ...more, '--resume', records)
    expect(first.error).toBe('')
    expect(first.out).toMatch(/averaging: perImagePresent .*Dice +mAP +mean recall/)
    expect(first.out).toMatch(/panoptic-quality +\S+ .*surface-dice=\{tolerance: 1\} +\S+/s)
    expect(first.out).toMatch(/95.0 % of 20 resamples.*mIoU .*panoptic-quality/s)

    // the last image is measured again, the others are taken from the file
    const lines = (await readFile(records, 'utf8')).split('\n')
    await writeFile(records, `${lines.slice(0, -2).join('\n')}\n{"id":"cut o`)
    const again = await limbeck('eval', run, ...flags, ...more, '--resume', records)
    expect(again.out).toBe(first.out)
    expect((await readFile(records, 'utf8')).split('\n')).toEqual(lines)
    const other = await limbeck('eval', run, '--resume', records, '--backend', 'ref')
    expect(other).toMatchObject({ code: 2, error: expect.stringContaining('holds another evaluation') })
  })

  it('does not take what it kept of one data set for another of the same split and ids', async () => {
    const records = join(home, 'kept.jsonl')
    await limbeck('eval', run, '--backend', 'ref', '--resume', records)
    const data = await otherSet('same-ids', ['background', 'red', 'green'])
    const other = await limbeck('eval', run, '--data', data, '--backend', 'ref', '--resume', records)
    expect(other).toMatchObject({ code: 2, error: expect.stringContaining('holds another evaluation') })
  })

  it('takes class 0 for background whatever it is called, and tells which classes it leaves out', async () => {
    const data = await otherSet('renamed', ['Stroma', 'red', 'blue'])
    const { out, error } = await limbeck('eval', run, '--data', data, '--backend', 'ref', '--json')
    const { confusion, unknownClasses } = { ...JSON.parse(out), ...JSON.parse(out).metrics }
    const [background, red, green] = confusion.map((row: number[]) => row.reduce((sum, n) => sum + n, 0))
    expect([background + red, green]).toEqual([171, 0])
    expect(Math.abs(background - red)).toBeLessThan(2)
    expect(unknownClasses).toEqual(['blue'])
    expect(error).toBe('classes that the model does not know are ignored: blue')
  })

  it('measures all splits together', async () => {
    const { out } = await limbeck('eval', run, '--split', '*', '--backend', 'ref')
    expect(out).toContain('on 4 images of "train + validation"')
  })

  it.each([
    [['--averaging', 'median'], 'averaging'],
    [['--metric', 'panoptic-qualty'], 'did you mean "panoptic-quality"'],
    [['--metric', 'surface-dice={tolerence: 3}'], 'did you mean "tolerance"'],
    [['--tile', '256', '--overlap', '200'], 'at most half of their side'],
    [['--batch', '0'], 'a whole number from 1'],
  ])('refuses %j', async (flags, message) => {
    const { code, error } = await limbeck('eval', run, '--backend', 'ref', ...flags)
    expect(error).toContain(message)
    expect(code).toBe(2)
  })

  it('asks for data when a checkpoint lies in no run', async () => {
    const alone = join(home, 'alone.safetensors')
    await writeFile(alone, await readFile(join(run, 'checkpoints', 'task-1', 'last.safetensors')))
    const { code, error } = await limbeck('eval', alone, '--backend', 'ref')
    expect(error).toContain('--data')
    expect(code).toBe(2)
    const given = await limbeck(
      'eval',
      alone,
      '--data',
      join(home, 'config.yaml'),
      '--backend',
      'ref',
      '--json',
    )
    expect(JSON.parse(given.out).metrics.confusion).toEqual((await result()).tasks[1].metrics.confusion)
  })
})

/** The set of `writeFolderSet` in another directory, with classes of other names; its config. */
async function otherSet(directory: string, names: readonly string[]): Promise<string> {
  const config = await writeFolderSet(join(home, directory))
  const classes = names.map((name, id) => ({ id, name }))
  await writeFile(join(home, directory, 'set', 'manifest.json'), JSON.stringify({ name: 'other', classes }))
  const [flipped] = IMAGES.slice(3)
  const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, at) => (at * 53) % 256)
  await writeImage(join(home, directory, 'set', 'images', `${flipped}.png`), pixels, {
    size: 16,
    channels: 3,
  })
  return config
}

describe('limbeck predict', () => {
  it('takes a directory for the images in it', async () => {
    const out = join(home, 'all')
    const images = join(home, 'set', 'images')
    expect(await limbeck('predict', run, images, '--out', out, '--backend', 'ref')).toMatchObject({ code: 0 })
    const masks = IMAGES.map((id) => `${id}.mask.png`)
    expect((await readdir(out)).filter((name) => name.endsWith('.mask.png'))).toEqual(masks)
    const none = await limbeck('predict', run, join(home, 'set'), '--out', out, '--backend', 'ref')
    expect(none).toMatchObject({ code: 2, error: expect.stringContaining('holds no image') })
  })

  it('gives a mask and an overlay of the size of an odd-sized image', async () => {
    const image = join(home, 'odd.png')
    const pixels = Uint8Array.from({ length: 23 * 37 * 3 }, (_, at) => (at * 91) % 256)
    await writeImage(image, pixels, { size: 23, channels: 3 })
    const out = join(home, 'predictions')
    const { code } = await limbeck('predict', run, image, '--out', out, '--backend', 'ref')
    expect(code).toBe(0)
    expect((await readdir(out)).sort()).toEqual(['classes.json', 'odd.mask.png', 'odd.overlay.png'])
    const mask = await sharp(join(out, 'odd.mask.png'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(mask.info).toMatchObject({ width: 23, height: 37, channels: 1 })
    expect(Math.max(...mask.data)).toBeLessThan(3)
    expect(await sharp(join(out, 'odd.overlay.png')).metadata()).toMatchObject({ width: 23, height: 37 })
  })

  it('writes nothing when one of the images is broken', async () => {
    const broken = join(home, 'broken.png')
    await writeFile(broken, 'not an image')
    const out = join(home, 'nothing')
    const whole = join(home, 'set', 'images', 'a.png')
    const { code, error } = await limbeck('predict', run, whole, broken, '--out', out, '--backend', 'ref')
    expect(error).toContain('broken.png: cannot be decoded')
    expect(code).toBe(2)
    await expect(readdir(out)).rejects.toThrow('ENOENT')
  })
})

describe('limbeck compare', () => {
  it('puts runs in one table', async () => {
    const { code, out } = await limbeck('compare', run, run)
    expect(out).toMatch(/fine-tune +\| 2 runs/)
    expect(code).toBe(0)
  })
})
