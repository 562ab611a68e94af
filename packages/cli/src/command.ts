import type { Terminal } from './terminal.ts'

/** A flag: a switch, or, when it takes something, `--name VALUE`, once or as often as one likes (`many`). */
export interface Flag {
  /** What stands for the value in help: `DIR`. */
  readonly takes?: string
  readonly many?: boolean
  readonly summary: string
}

export type Flags = Readonly<Record<string, Flag>>

/** What a flag may hold: a switch, a word or none, words. */
export type FlagValue = boolean | string | readonly string[] | undefined

export type FlagValues<F extends Flags> = {
  readonly [P in keyof F]: F[P] extends { readonly takes: string }
    ? F[P] extends { readonly many: true }
      ? readonly string[]
      : string | undefined
    : boolean
}

export interface Argument {
  /** As help prints it: `CONFIG`. */
  readonly name: string
  readonly summary: string
  readonly optional?: boolean
  /** The last argument may stand for one or more. */
  readonly many?: boolean
}

export interface Call<F extends Flags> {
  readonly args: readonly string[]
  readonly flags: FlagValues<F>
  readonly terminal: Terminal
  /** Says that everything given has been checked: what fails from now on is a failed run, not wrong usage. */
  readonly started: () => void
}

/** A verb of the command line: what help says about it, and what it does. */
export interface Command<F extends Flags = Flags> {
  readonly name: string
  readonly summary: string
  /** Further sentences for `limbeck VERB --help`. */
  readonly details?: string
  readonly arguments: readonly Argument[]
  readonly flags: F
  /** Other sets of arguments and flags, chosen by `VERB --preset NAME`; their names are that. */
  readonly presets?: readonly Command[]
  /** Resolves to an exit code; nothing means 0. */
  run(call: Call<F>): Promise<number | undefined>
}

/** A verb that only has sub-verbs: `limbeck data check`. */
export interface CommandGroup {
  readonly name: string
  readonly summary: string
  /** Their names begin with the group's: `data check`. */
  readonly commands: readonly Command[]
}

/** Gives a verb its types: the flags it declares are the flags it receives. */
export const defineCommand = <const F extends Flags>(command: Command<F>): Command =>
  command as unknown as Command
