import { describeAddon } from '../../native/test/describe-addon.ts'
import { loadCuda } from '../src/index.ts'

describeAddon('cuda-emulated', loadCuda('cuda-emulated'))
describeAddon('cuda', loadCuda('cuda'))
