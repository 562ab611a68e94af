import { lossesPlugin } from '@limbeck/losses'
import { describeGolden } from '@limbeck/testing/vitest'
import { registerCuda } from '../src/index.ts'

describeGolden(lossesPlugin, { backend: 'cuda-emulated', skip: registerCuda('cuda-emulated') })
describeGolden(lossesPlugin, { backend: 'cuda', skip: registerCuda('cuda') })
