import type { Command } from './command.ts'
import { doctor } from './verbs/doctor.ts'
import { list } from './verbs/list.ts'
import { train } from './verbs/train.ts'

/** Every verb, in the order in which help lists them. */
export const commands: readonly Command[] = [train, list, doctor]
