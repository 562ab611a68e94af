import { registerRef } from '@limbeck/backend-ref'
import { type Method, type Model, Random, tf } from '@limbeck/core'
import { unetPlusPlus } from '@limbeck/models'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  cdma,
  cps,
  distil,
  fineTune,
  focalKdMethod,
  ilt,
  lwf,
  lwfMc,
  meanTeacher,
  mib,
  msKd,
  plop,
  rcil,
  supervised,
} from '../src/index.ts'
import {
  type Build,
  build,
  firstTask,
  measure,
  secondTask,
  type TrialOptions,
  tryOut,
  unlabelled,
} from './trial.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

/** Makes a network sure beyond all reason: logits in the hundreds. */
function certain(model: Model): Model {
  for (const [name, parameter] of model.parameters()) {
    if (name.includes('head')) parameter.assign(tf.mul(parameter.tensor, 1000))
  }
  return model
}

const extreme: Build = (classes, random) => certain(build(classes, random))
const severalHeads: Build = (classes, random = new Random('heads')) =>
  certain(unetPlusPlus({ classes, width: 2, depth: 2, random }))
const teacher = (seed: string) => certain(build(2, new Random(seed)))

const later = () => ({
  task: secondTask,
  build: extreme,
  previous: certain(build(3, new Random('previous'))),
})
const first = () => ({ task: firstTask, build: extreme })

/** Settings are made when a test runs, on its backend. */
const settings: readonly [string, Method, () => TrialOptions][] = [
  ['fine-tune', fineTune({ diceWeight: 1 }), later],
  ['lwf', lwf(), later],
  ['lwf-mc', lwfMc(), later],
  ['lwf-mc, replaced', lwfMc({ targets: 'replaced' }), later],
  ['ilt', ilt({ output: 'masked' }), later],
  ['mib', mib({ diceWeight: 1 }), later],
  ['plop', plop(), later],
  ['plop, official', plop({ preset: 'official' }), later],
  ['plop, probability', plop({ confidence: 'probability' }), later],
  ['rcil', rcil({ compensation: false }), later],
  ['focal-kd', focalKdMethod({ compensation: false }), later],
  [
    'focal-kd, per class',
    focalKdMethod({ compensation: false, reweighting: 'perClass', strip: 'literal' }),
    later,
  ],
  ['supervised', supervised({ losses: { focal: {}, 'lovasz-softmax': {}, tversky: {} } }), first],
  ['mean-teacher', meanTeacher(), first],
  ['cps', cps(), first],
  ['cdma', cdma(), () => ({ task: firstTask, build: severalHeads })],
  ['distil', distil({ features: 'channel-wise' }), () => ({ ...first(), previous: later().previous })],
  ['ms-kd', msKd(), () => ({ ...first(), teachers: { red: teacher('red'), green: teacher('green') } })],
]

describe.each(settings)('%s', (_, method, setting) => {
  it('has a finite loss and finite gradients for logits in the hundreds', async () => {
    const { total, gradient } = measure(await tryOut(method, setting()))
    expect(Number.isFinite(total)).toBe(true)
    expect(Number.isFinite(gradient)).toBe(true)
  })

  it('has them too when no pixel has a label', async () => {
    const { total, gradient } = measure(unlabelled(await tryOut(method, setting())))
    expect(Number.isFinite(total)).toBe(true)
    expect(Number.isFinite(gradient)).toBe(true)
  })
})
