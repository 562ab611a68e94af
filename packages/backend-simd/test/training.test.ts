import { registerRef } from '@limbeck/backend-ref'
import { describeTraining } from '../../native/test/describe-training.ts'
import { registerSimd } from '../src/index.ts'

registerRef()
describeTraining('simd', { skip: registerSimd() })
