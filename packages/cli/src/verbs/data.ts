import type { CommandGroup } from '../command.ts'
import { check } from './data/check.ts'
import { convert } from './data/convert.ts'
import { preview } from './data/preview.ts'

export const data: CommandGroup = {
  name: 'data',
  summary: 'Checks, converts and shows data sets',
  commands: [check, convert, preview],
}
