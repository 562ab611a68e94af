import { registerRef } from '@limbeck/backend-ref'
import { Random, tf } from '@limbeck/core'
import { unet } from '@limbeck/models'
import { beforeAll, describe, expect, it } from 'vitest'
import { build, firstTask, measure, tryOut } from '../test/trial.ts'
import { distil } from './distil.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const wide = () => unet({ classes: 3, width: 4, depth: 1, random: new Random('teacher') })

describe('distil', () => {
  it('puts an adapter between maps of other widths, which trains', async () => {
    const trial = await tryOut(distil({ features: 'mse' }), { task: firstTask, previous: wide() })
    const adapters = trial.recipe.adapters!
    expect(Object.keys(adapters)).toEqual(['encoder.1', 'bottleneck', 'decoder'])
    expect(adapters.bottleneck!.module.parameters().get('weight')!.shape).toEqual([1, 1, 4, 8])
    expect(measure(trial).gradient).toBeGreaterThan(0)
  })

  it('needs no adapter for equal widths, or for losses that compare any', async () => {
    const same = await tryOut(distil({ features: 'mse' }), { task: firstTask, previous: build(3) })
    const attention = await tryOut(distil({ features: 'attention' }), { task: firstTask, previous: wide() })
    expect(same.recipe.adapters).toEqual({})
    expect(attention.recipe.adapters).toEqual({})
  })

  it('matches maps by stride, for networks of other depths', async () => {
    const deep = unet({ classes: 3, width: 2, depth: 3 })
    const { recipe } = await tryOut(distil({ features: 'attention' }), { task: firstTask, previous: deep })
    const reads = recipe.terms.flatMap((term) => (term.kind === 'term' ? [term.reads] : []))
    expect(reads.slice(2)).toEqual([
      { student: 'student.encoder.1', teacher: 'teacher.encoder.1' },
      { student: 'student.bottleneck', teacher: 'teacher.encoder.2' },
      { student: 'student.decoder', teacher: 'teacher.decoder' },
    ])
  })

  it('refuses a missing teacher, one of other classes, and taps of other sizes', async () => {
    await expect(tryOut(distil(), { task: firstTask })).rejects.toThrow('received no teacher')
    const other = tryOut(distil(), { task: firstTask, previous: build(2) })
    await expect(other).rejects.toThrow('received a teacher of 2')
    const taps = { 'encoder.1': 'bottleneck' }
    const sizes = tryOut(distil({ features: 'mse', taps }), { task: firstTask, previous: build(3) })
    await expect(sizes).rejects.toThrow('differ in size')
    const unknown = tryOut(distil({ features: 'mse', taps: { decoder: 'decodr' } }), {
      task: firstTask,
      previous: build(3),
    })
    await expect(unknown).rejects.toThrow('did you mean "decoder"?')
  })
})
