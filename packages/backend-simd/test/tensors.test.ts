import { registerRef } from '@limbeck/backend-ref'
import { describeTensors } from '../../native/test/describe-tensors.ts'
import { registerSimd } from '../src/index.ts'

registerRef()
describeTensors('simd', { skip: registerSimd() })
