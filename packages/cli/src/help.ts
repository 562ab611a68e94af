import type { Argument, Command, CommandGroup } from './command.ts'
import { textTable } from './text-table.ts'

/** `limbeck --help`: every verb in a line. */
export function overview(commands: readonly (Command | CommandGroup)[]): string {
  return [
    'Limbeck trains, distils and keeps updating segmentation models for medical images.',
    '',
    'usage: limbeck VERB [arguments]',
    '',
    indented(commands.map(({ name, summary }) => [name, summary])),
    '',
    'limbeck VERB --help says more. LIMBECK_BACKEND chooses the backend, LIMBECK_DEBUG=1 prints stacks.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, config or data, 130 interrupted.',
  ].join('\n')
}

/** `limbeck VERB --help`. */
export const helpOf = (command: Command | CommandGroup): string =>
  'commands' in command ? helpOfGroup(command) : helpOfCommand(command)

const helpOfGroup = ({ name, summary, commands }: CommandGroup): string =>
  [
    `${summary}.`,
    '',
    `usage: limbeck ${name} VERB [arguments]`,
    '',
    indented(commands.map((one) => [one.name.slice(name.length + 1), one.summary])),
    '',
    `limbeck ${name} VERB --help says more.`,
  ].join('\n')

const presetRow = ({ name, summary }: Command): string[] => [`limbeck ${name}`, summary]

function helpOfCommand({ name, summary, details, arguments: args, flags, presets }: Command): string {
  const entries = Object.entries(flags)
  const flagRows = entries.map(([flag, { takes, many, summary: what }]) => [
    `--${flag}${takes ? ` ${takes}` : ''}`,
    `${what}${many ? '; may be given several times' : ''}`,
  ])
  return [
    `${summary}.`,
    '',
    `usage: ${['limbeck', name, ...args.map(placeholder), ...(entries.length > 0 ? ['[flags]'] : [])].join(' ')}`,
    ...(args.length > 0 ? ['', indented(args.map((one) => [one.name, one.summary]))] : []),
    ...(flagRows.length > 0 ? ['', indented(flagRows)] : []),
    ...(details ? ['', details] : []),
    ...(presets ? ['', 'presets, which have flags of their own:', indented(presets.map(presetRow))] : []),
  ].join('\n')
}

function placeholder({ name, optional, many }: Argument): string {
  const text = many ? `${name}…` : name
  return optional ? `[${text}]` : text
}

const indented = (rows: readonly (readonly string[])[]): string =>
  textTable(rows, { align: 'left', indent: 2 })
