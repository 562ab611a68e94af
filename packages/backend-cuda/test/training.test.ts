import { registerRef } from '@limbeck/backend-ref'
import { describeTraining } from '../../native/test/describe-training.ts'
import { registerCuda } from '../src/index.ts'

registerRef()
describeTraining('cuda-emulated', { skip: registerCuda('cuda-emulated') })
describeTraining('cuda', { skip: registerCuda('cuda') })
