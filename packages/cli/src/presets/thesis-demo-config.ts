import type { NetworkSettings, ThesisDemoSettings } from './thesis-demo-flags.ts'

/** A data set by name and options. */
interface SetChoice {
  readonly use: string
  readonly options: Readonly<Record<string, unknown>>
}

/** The config that the flags stand for; `sets` are the data sets at the settings' paths. */
export const thesisDemoConfig = (
  settings: ThesisDemoSettings,
  sets: readonly SetChoice[],
): Readonly<Record<string, unknown>> => ({
  ...dataOf(settings, sets),
  ...networkOf(settings.multi, settings),
  batch: { size: settings.batchSize, augment: { flip: false, rotate: false } },
  epochs: settings.epochs,
  optimizer: { use: settings.optimizer, learningRate: settings.learningRate, weightDecay: 0 },
  schedule: { use: 'constant' },
  predictions: settings.predict,
  twoStage: { binary: networkOf(settings.binary, settings) },
})

/**
 * A share of one set to test on, or a set for each. What comes from one slide or patient stays together where the set
 * knows it; the thesis drew images at random, so that patches of one slide were in both parts.
 */
function dataOf({ testShare }: ThesisDemoSettings, [first, second]: readonly SetChoice[]) {
  if (second) {
    const splits = { train: ['train/*'], validation: ['test/*'] }
    return { data: { use: 'joined', options: { sets: { train: first, test: second }, splits } } }
  }
  return {
    data: { ...first, train: '*' },
    protocol: { holdout: { share: testShare, by: 'group-if-known' } },
  }
}

function networkOf({ model, losses }: NetworkSettings, { focalWeights, hardPixels }: ThesisDemoSettings) {
  const options: Readonly<Record<string, object>> = {
    focal: { classWeights: focalWeights },
    'bootstrapped-cross-entropy': { hardPixels },
  }
  return {
    student: { use: model },
    method: {
      use: 'supervised',
      options: { losses: Object.fromEntries(losses.map((name) => [name, options[name] ?? {}])) },
    },
  }
}
