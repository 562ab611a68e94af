import { describeShortage } from '../../native/test/describe-shortage.ts'
import { registerCuda } from '../src/index.ts'

// of this process, before the device is opened
process.env.LIMBECK_CUDA_MEMORY_LIMIT = '8'
describeShortage('cuda-emulated', { skip: registerCuda('cuda-emulated') })
describeShortage('cuda', { skip: registerCuda('cuda') })
