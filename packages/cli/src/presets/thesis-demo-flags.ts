import { ConfigError } from '@limbeck/core'
import type { FlagValues } from '../command.ts'

const SWITCH = '0|1'
const lossFlags = (prefix: 'm' | 'b', network: string) =>
  ({
    [`${prefix}_focal_loss`]: { takes: SWITCH, summary: `${network}: focal loss` },
    [`${prefix}_dice_loss`]: { takes: SWITCH, summary: `${network}: Dice loss` },
    [`${prefix}_tversky_loss`]: { takes: SWITCH, summary: `${network}: Tversky loss` },
    [`${prefix}_ob_loss`]: { takes: SWITCH, summary: `${network}: online bootstrapping` },
  }) as Readonly<Record<LossFlag, { readonly takes: string; readonly summary: string }>>

type LossFlag = `${'m' | 'b'}_${keyof typeof LOSSES}_loss`

/** The thesis's losses by their name in its flags. */
const LOSSES = {
  focal: 'focal',
  dice: 'dice',
  tversky: 'tversky',
  ob: 'bootstrapped-cross-entropy',
} as const

/** Table 5.1, in its order. */
export const thesisDemoFlags = {
  'multi-class': { takes: SWITCH, summary: 'train the network of all classes (default: 1)' },
  'binary-class': { takes: SWITCH, summary: 'train the network of foreground and background (default: 1)' },
  predict: { takes: SWITCH, summary: 'write predictions of the test images (default: 1)' },
  epochs: { takes: 'N', summary: 'passes over the training images (default: 10)' },
  'batch-size': { takes: 'N', summary: 'images a step (default: 1)' },
  'learning-rate': { takes: 'X', summary: 'default: 0.001' },
  device: { takes: 'NAME', summary: 'cuda:0, cpu or any backend (default: the best there is)' },
  m_net: {
    takes: 'NET',
    summary: 'network of all classes: unet, unet++, unet3+, attunet, deeplab (default: attunet)',
  },
  b_net: { takes: 'NET', summary: 'network of foreground and background (default: as --m_net)' },
  save: { takes: SWITCH, summary: 'keep the models (default: 1)' },
  dataset: { takes: 'DIR', summary: 'the data set, of any layout that limbeck knows' },
  validation: { takes: 'X', summary: 'part of the data set to test on (default: 0.1)' },
  'train-set': { takes: 'DIR', summary: 'images to train on, with --test-set in place of --dataset' },
  'test-set': { takes: 'DIR', summary: 'images to test on' },
  ...lossFlags('m', 'network of all classes'),
  ...lossFlags('b', 'network of foreground and background'),
  optimizer: { takes: 'NAME', summary: 'adam, adamw or sgd (default: adam)' },
  focal_weight: { takes: '1…6', summary: "number of the focal loss's class-weight function (default: 1)" },
  hard_num: { takes: 'N', summary: 'pixels an image that online bootstrapping takes (default: 512)' },
  combine: {
    takes: SWITCH,
    summary: 'reuse the background: combine both networks (default: 1 where both train)',
  },
} as const

/** Network names of the thesis. */
const NETWORKS: Readonly<Record<string, string>> = {
  unet: 'unet',
  'unet++': 'unet-plus-plus',
  'unet3+': 'unet-3-plus',
  attunet: 'attention-unet',
  deeplab: 'deeplab-v3-plus',
}

/** Class-weight functions ① to ⑥ of the thesis's §4.4, as the method `supervised` names them. */
const WEIGHT_FUNCTIONS = [
  'uniform',
  'inverse',
  'growing-exponential',
  'decaying-exponential',
  'foreground-exponential',
  'foreground-only',
] as const

/** As PyTorch names the first graphics card. */
const FIRST_GPU = 'cuda:0'

export interface NetworkSettings {
  /** As the flag says it, for the banner. */
  readonly named: string
  /** Name of a model. */
  readonly model: string
  /** Names of losses; cross-entropy where the flags ask for none. */
  readonly losses: readonly string[]
}

/** What the flags say, defaults filled in. */
export interface ThesisDemoSettings {
  readonly multiClass: boolean
  readonly binaryClass: boolean
  readonly combine: boolean
  readonly predict: boolean
  readonly save: boolean
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly optimizer: string
  /** A backend, or `cpu`; undefined: the best there is. */
  readonly device: string | undefined
  readonly multi: NetworkSettings
  readonly binary: NetworkSettings
  /** One data set, or that of the training images and that of the test images. */
  readonly paths: readonly [string] | readonly [train: string, test: string]
  /** Part of one data set to test on. */
  readonly testShare: number
  readonly focalWeights: string
  readonly hardPixels: number
}

/** Reads the flags. Throws `ConfigError` on a value that they do not take, and on flags that do not go together. */
export function readSettings(flags: FlagValues<typeof thesisDemoFlags>): ThesisDemoSettings {
  const multiClass = isOn(flags, 'multi-class', true)
  const binaryClass = isOn(flags, 'binary-class', true)
  const combine = isOn(flags, 'combine', multiClass && binaryClass)
  if (!multiClass && !binaryClass) {
    throw wrongFlags('--multi-class 0 --binary-class 0: nothing is left to train')
  }
  if (combine && !(multiClass && binaryClass)) {
    throw wrongFlags('--combine 1: the combination needs both networks, --multi-class 1 and --binary-class 1')
  }
  const multiNet = flags.m_net ?? 'attunet'
  const binaryNet = flags.b_net ?? multiNet
  const device = flags.device
  return {
    multiClass,
    binaryClass,
    combine,
    predict: isOn(flags, 'predict', true),
    save: isOn(flags, 'save', true),
    epochs: wholeNumber(flags, 'epochs', 10),
    batchSize: wholeNumber(flags, 'batch-size', 1),
    learningRate: numberWithin(flags, 'learning-rate', { fallback: 1e-3, to: Number.POSITIVE_INFINITY }),
    optimizer: (flags.optimizer ?? 'adam').toLowerCase(),
    device: device === FIRST_GPU ? 'cuda' : device,
    multi: { named: multiNet, model: NETWORKS[multiNet] ?? multiNet, losses: lossesOf(flags, 'm') },
    binary: { named: binaryNet, model: NETWORKS[binaryNet] ?? binaryNet, losses: lossesOf(flags, 'b') },
    paths: pathsOf(flags),
    testShare: numberWithin(flags, 'validation', { fallback: 0.1, to: 1 }),
    focalWeights: weightFunction(wholeNumber(flags, 'focal_weight', 1)),
    hardPixels: wholeNumber(flags, 'hard_num', 512),
  }
}

type Given = Readonly<Record<string, string | undefined>>

function lossesOf(flags: Given, prefix: 'm' | 'b'): string[] {
  const chosen = Object.entries(LOSSES).filter(([loss]) => isOn(flags, `${prefix}_${loss}_loss`, false))
  return chosen.length > 0 ? chosen.map(([, name]) => name) : ['cross-entropy']
}

function pathsOf(flags: Given): ThesisDemoSettings['paths'] {
  const { dataset, 'train-set': train, 'test-set': test } = flags
  if (dataset !== undefined && train === undefined && test === undefined) return [dataset]
  if (dataset === undefined && train !== undefined && test !== undefined) {
    if (flags.validation === undefined) return [train, test]
    throw wrongFlags('--validation divides --dataset; --test-set is a test set already')
  }
  throw wrongFlags(
    'the data is missing or named twice',
    '--dataset DIR, or --train-set DIR and --test-set DIR',
  )
}

function weightFunction(number: number): string {
  const found = WEIGHT_FUNCTIONS[number - 1]
  if (found) return found
  const expected = WEIGHT_FUNCTIONS.map((name, index) => `${index + 1} (${name})`).join(', ')
  throw wrongFlags(`--focal_weight ${number}: there is no such function`, expected)
}

function isOn(flags: Given, flag: string, fallback: boolean): boolean {
  const value = flags[flag]
  if (value === undefined) return fallback
  if (value === '0' || value === '1') return value === '1'
  throw wrongFlags(`--${flag} ${value}: 0 or 1`)
}

function wholeNumber(flags: Given, flag: string, fallback: number): number {
  const value = Number(flags[flag] ?? fallback)
  if (Number.isInteger(value) && value > 0) return value
  throw wrongFlags(`--${flag} ${flags[flag]}: a whole number above 0`)
}

function numberWithin(
  flags: Given,
  flag: string,
  { fallback, to }: { readonly fallback: number; readonly to: number },
): number {
  const value = Number(flags[flag] ?? fallback)
  if (value > 0 && value < to) return value
  const upTo = to === Number.POSITIVE_INFINITY ? '' : ` and below ${to}`
  throw wrongFlags(`--${flag} ${flags[flag]}: a number above 0${upTo}`)
}

const wrongFlags = (what: string, expected?: string): ConfigError =>
  new ConfigError('usage/thesis-demo', `limbeck train --preset thesis-demo: ${what}`, {
    ...(expected === undefined ? {} : { expected }),
  })
