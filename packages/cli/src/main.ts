import { unknownName } from '@limbeck/core'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { errorText } from './error-text.ts'
import { helpOf, overview } from './help.ts'
import { Interrupted } from './interrupt.ts'
import { parseArguments } from './parse-arguments.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2
/** What shells report for a process that SIGINT (2) ended. */
const INTERRUPTED = 128 + 2

/** Runs the command line and resolves to its exit code. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let started = false
  try {
    return await dispatch(argv, terminal, () => {
      started = true
    })
  } catch (error) {
    terminal.error(errorText(error))
    if (error instanceof Interrupted) return INTERRUPTED
    return started ? FAILED : WRONG_USAGE
  }
}

async function dispatch(
  [verb, ...rest]: readonly string[],
  terminal: Terminal,
  started: () => void,
): Promise<number> {
  if (verb === undefined || verb === '--help' || verb === '-h' || verb === 'help') {
    const asked = rest[0]
    terminal.out(verb === 'help' && asked ? helpOf(find(asked)) : overview(commands))
    return verb === undefined ? WRONG_USAGE : DONE
  }
  if (verb === '--version' || verb === '-V') {
    terminal.out(await version())
    return DONE
  }
  const command = find(verb)
  const { help, ...call } = parseArguments(command, rest)
  if (help) {
    terminal.out(helpOf(command))
    return DONE
  }
  return (await command.run({ ...call, terminal, started })) ?? DONE
}

function find(verb: string): Command {
  const command = commands.find(({ name }) => name === verb)
  if (command) return command
  const verbs = commands.map(({ name }) => name)
  throw unknownName('usage/unknown-verb', `limbeck: no verb is named "${verb}"`, verb, verbs)
}
