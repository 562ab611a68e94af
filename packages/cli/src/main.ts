import { unknownName } from '@limbeck/core'
import type { Command, CommandGroup } from './command.ts'
import { commands } from './commands.ts'
import { errorText } from './error-text.ts'
import { helpOf, overview } from './help.ts'
import { Interrupted } from './interrupt.ts'
import { parseArguments } from './parse-arguments.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

const HELP: ReadonlySet<string> = new Set(['--help', '-h'])
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
    terminal.out(verb === 'help' && rest.length > 0 ? helpOf(find(rest).command) : overview(commands))
    return verb === undefined ? WRONG_USAGE : DONE
  }
  if (verb === '--version' || verb === '-V') {
    terminal.out(await version())
    return DONE
  }
  const { command, argv } = find([verb, ...rest])
  if ('commands' in command) {
    terminal.out(helpOf(command))
    return argv.length > 0 ? DONE : WRONG_USAGE
  }
  const { help, ...call } = parseArguments(command, argv)
  if (help) {
    terminal.out(helpOf(command))
    return DONE
  }
  return (await command.run({ ...call, terminal, started })) ?? DONE
}

interface Found {
  readonly command: Command | CommandGroup
  /** What follows its name. */
  readonly argv: readonly string[]
}

/** The verb, or the sub-verb, that the first words name; a group where help on it is asked for or nothing more said. */
function find([verb, ...argv]: readonly string[]): Found {
  const command = named(verb!, commands, `limbeck: no verb is named "${verb}"`)
  if ('presets' in command && argv.some(isPreset)) return findPreset(command, argv)
  if (!('commands' in command) || argv[0] === undefined || HELP.has(argv[0])) return { command, argv }
  const name = `${command.name} ${argv[0]}`
  const what = `limbeck ${command.name}: no verb is named "${argv[0]}"`
  return { command: named(name, command.commands, what), argv: argv.slice(1) }
}

const PRESET = '--preset'
const isPreset = (argument: string): boolean => argument === PRESET || argument.startsWith(`${PRESET}=`)

/** What `VERB --preset NAME` or `VERB --preset=NAME` stands for, wherever among the arguments it is. */
function findPreset({ name, presets = [] }: Command, given: readonly string[]): Found {
  const argv = given.flatMap((one) => (isPreset(one) ? one.split('=') : [one]))
  const at = argv.indexOf(PRESET)
  const preset = argv[at + 1] ?? ''
  const what = `limbeck ${name}: no preset is named "${preset}"`
  return { command: named(`${name} ${PRESET} ${preset}`, presets, what), argv: argv.toSpliced(at, 2) }
}

function named<C extends { readonly name: string }>(name: string, among: readonly C[], what: string): C {
  const found = among.find((one) => one.name === name)
  if (found) return found
  throw unknownName(
    'usage/unknown-verb',
    what,
    name,
    among.map((one) => one.name),
  )
}
