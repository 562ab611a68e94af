import { lossesPlugin } from '@limbeck/losses'
import { describeGolden } from '@limbeck/testing/vitest'
import { registerSimd } from '../src/index.ts'

describeGolden(lossesPlugin, { backend: 'simd', skip: registerSimd() })
