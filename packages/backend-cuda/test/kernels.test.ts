import { registerRef } from '@limbeck/backend-ref'
import { describeConformance } from '@limbeck/testing/vitest'
import { registerCuda } from '../src/index.ts'

registerRef()
// the emulation takes its time
describeConformance('cuda-emulated', { skip: registerCuda('cuda-emulated'), runs: 5 })
describeConformance('cuda', { skip: registerCuda('cuda') })
