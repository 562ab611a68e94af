import { registerRef } from '@limbeck/backend-ref'
import { describeConformance } from '@limbeck/testing/vitest'
import { registerSimd } from '../src/index.ts'

registerRef()
describeConformance('simd', { skip: registerSimd() })
