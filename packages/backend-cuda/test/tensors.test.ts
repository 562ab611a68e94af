import { registerRef } from '@limbeck/backend-ref'
import { describeTensors } from '../../native/test/describe-tensors.ts'
import { registerCuda } from '../src/index.ts'

registerRef()
describeTensors('cuda-emulated', { skip: registerCuda('cuda-emulated') })
describeTensors('cuda', { skip: registerCuda('cuda') })
