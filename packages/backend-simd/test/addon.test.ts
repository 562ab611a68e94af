import { describeAddon } from '../../native/test/describe-addon.ts'
import { loadSimd } from '../src/index.ts'

const loaded = loadSimd()
describeAddon('simd', loaded)
