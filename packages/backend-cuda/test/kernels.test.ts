import { registerRef } from '@limbeck/backend-ref'
import { describeConformance } from '@limbeck/testing/vitest'
import { registerCuda } from '../src/index.ts'

registerRef()
describeConformance('cuda-emulated', { skip: registerCuda('cuda-emulated') })
describeConformance('cuda', { skip: registerCuda('cuda') })
