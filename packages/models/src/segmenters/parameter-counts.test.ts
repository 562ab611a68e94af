import { type Model, tf } from '@limbeck/core'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { attentionUnet } from './attention-unet.ts'
import { deeplabV3Plus } from './deeplab-v3-plus.ts'
import { mtnet } from './mtnet.ts'
import { parallelUnet } from './parallel-unet.ts'
import { unet } from './unet.ts'
import { unet3Plus } from './unet-3-plus.ts'
import { unetPlusPlus } from './unet-plus-plus.ts'

// 30 million normal draws take a second and change no count
vi.mock('@limbeck/core', async (original) => {
  const core = await original<typeof import('@limbeck/core')>()
  return { ...core, heNormal: (shape: number[]) => core.zeros(shape) }
})

/** Tensors have shapes and no values. */
class ShapesOnly extends tf.KernelBackend {
  override write(): object {
    return {}
  }
  override disposeData(): boolean {
    return true
  }
  override incRef(): void {}
  override numDataIds(): number {
    return 0
  }
}

beforeAll(async () => {
  tf.registerBackend('shapes-only', () => new ShapesOnly())
  await tf.setBackend('shapes-only')
})

let model: Model
afterEach(() => model.dispose())

/** LeeJunHyun's settings. */
const ljh = { width: 64, bias: true, upsampling: 'nearest-conv' } as const
/** ZJUGiveLab's settings. */
const zju = { width: 64, bias: true, decoderNorm: 'none', upsampling: 'transposed-4' } as const

// Counted in PyTorch from the original code.
test.each<readonly [string, number, () => Model]>([
  ['U-Net, LeeJunHyun', 34_527_301, () => unet({ classes: 5, ...ljh })],
  [
    'U-Net, milesial, transposed',
    31_037_698,
    () => unet({ classes: 2, width: 64, upsampling: 'transposed' }),
  ],
  ['U-Net, ZJU', 39_396_033, () => unet({ classes: 1, classifierSize: 3, ...zju })],
  ['U-Net, bilinear, 32', 7_852_545, () => unet({ classes: 1, bias: true })],
  ['U-Net, bilinear, 64', 31_390_721, () => unet({ classes: 1, width: 64, bias: true })],
  ['attention U-Net, LeeJunHyun', 34_878_963, () => attentionUnet({ classes: 7, ...ljh })],
  ['U-Net++, ZJU', 47_177_172, () => unetPlusPlus({ classes: 5, ...zju })],
  [
    'U-Net++, 32, one head',
    9_163_461,
    () => unetPlusPlus({ classes: 5, bias: true, deepSupervision: false }),
  ],
  [
    'U-Net++, 64, one head',
    36_629_633,
    () => unetPlusPlus({ classes: 1, width: 64, bias: true, deepSupervision: false }),
  ],
  ['U-Net3+, ZJU', 26_983_301, () => unet3Plus({ classes: 5, width: 64, bias: true })],
  [
    'U-Net3+ with deep supervision, ZJU',
    27_072_601,
    () => unet3Plus({ classes: 5, width: 64, bias: true, deepSupervision: true }),
  ],
  // a class is 20,741 parameters in the heads; ZJU's module always has 2,050, for two classes
  [
    'U-Net3+ with deep supervision and guidance, ZJU',
    26_989_637 + 20_741 + 2_050,
    () => unet3Plus({ classes: 2, width: 64, bias: true, deepSupervision: true, classificationGuided: true }),
  ],
  ['DeepLabv3+, ResNet-101', 58_749_861, () => deeplabV3Plus({ classes: 5, encoder: 'resnet-101' })],
  ['DeepLabv3+, ResNet-50', 39_758_247, () => deeplabV3Plus({ classes: 7 })],
  ['DeepLabv3+, Xception', 37_046_413, () => deeplabV3Plus({ classes: 5, encoder: 'xception' })],
  [
    'parallel U-Net, ResNet-34',
    21_284_672 + 410_368 + 5 * 65,
    () => parallelUnet({ classes: 5, encoder: 'resnet-34' }),
  ],
  ['parallel U-Net, ResNet-50', 23_508_032 + 6_081_088 + 5 * 65, () => parallelUnet({ classes: 5 })],
  // less one group norm of 256 channels per decoder, which the official code builds and never calls
  ['MTNet', 42_995_502 - 3 * 512, () => mtnet({ classes: 2 })],
])('%s has %i parameters', (_, count, build) => {
  model = build()
  expect(model.parameterCount()).toBe(count)
})
