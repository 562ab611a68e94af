import { describeConformance } from '@limbeck/testing/vitest'
import { registerRef } from '../src/register.ts'

registerRef()
describeConformance('ref', { runs: 5 })
