import { parseArgs } from 'node:util'
import { ConfigError, nearestName } from '@limbeck/core'
import type { Command, Flags, FlagValue, FlagValues } from './command.ts'

export interface ParsedArguments {
  readonly args: readonly string[]
  readonly flags: FlagValues<Flags>
  readonly help: boolean
}

/** Reads a verb's arguments. Throws `ConfigError` on a flag or an argument that the verb does not take. */
export function parseArguments(command: Command, argv: readonly string[]): ParsedArguments {
  const { name, flags } = command
  const options = Object.fromEntries(
    Object.entries(flags).map(([flag, { takes }]) => [flag, { type: takes ? 'string' : 'boolean' } as const]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    // strict would throw errors of its own that offer no nearest name
    strict: false,
    tokens: true,
  })
  const args: string[] = []
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind !== 'option') continue
    const { name: flag, rawName, value } = token
    if (flag !== 'help') requireFit(command, flag, rawName, value)
    values.set(flag, [...(values.get(flag) ?? []), value ?? ''])
  }
  const help = values.has('help')
  if (!help) requireArguments(command, args)
  const valueAt = (flag: string): FlagValue => {
    const { takes, many } = flags[flag]!
    const given = values.get(flag)
    if (!takes) return given !== undefined
    if (many) return given ?? []
    if (given && given.length > 1)
      throw new ConfigError('usage/twice', `limbeck ${name}: --${flag} is given twice`)
    return given?.[0]
  }
  const byName = Object.fromEntries(Object.keys(flags).map((flag) => [flag, valueAt(flag)]))
  return { args, help, flags: byName as FlagValues<Flags> }
}

function requireFit({ name, flags }: Command, flag: string, raw: string, value: string | undefined): void {
  const known = flags[flag]
  if (!known) {
    const near = nearestName(flag, [...Object.keys(flags), 'help'])
    throw new ConfigError('usage/unknown-flag', `limbeck ${name}: unknown flag ${raw}`, {
      hint: near ? `did you mean --${near}?` : `limbeck ${name} --help lists the flags`,
    })
  }
  if (known.takes && !value) {
    throw new ConfigError('usage/missing-value', `limbeck ${name}: --${flag} needs a value`, {
      expected: `--${flag} ${known.takes}`,
    })
  }
  if (!known.takes && value !== undefined) {
    throw new ConfigError('usage/unexpected-value', `limbeck ${name}: --${flag} takes no value`, {
      received: `--${flag}=${value}`,
    })
  }
}

function requireArguments({ name, arguments: wanted }: Command, args: readonly string[]): void {
  const missing = wanted.find((one, index) => !one.optional && index >= args.length)
  if (missing) {
    throw new ConfigError('usage/missing-argument', `limbeck ${name}: ${missing.name} is missing`, {
      expected: `${missing.name}: ${missing.summary}`,
    })
  }
  if (args.length > wanted.length && !wanted.at(-1)?.many) {
    throw new ConfigError('usage/too-many-arguments', `limbeck ${name}: too many arguments`, {
      expected: wanted.map((one) => one.name).join(' ') || 'none',
      received: args.join(' '),
    })
  }
}
