import { describeShortage } from '../../native/test/describe-shortage.ts'
import { registerSimd } from '../src/index.ts'

// of this process, before the device is opened
process.env.LIMBECK_SIMD_MEMORY_LIMIT = '8'
describeShortage('simd', { skip: registerSimd() })
