import { ConfigError, type Task, unknownName } from '@limbeck/core'

/** A task with the classes that it adds, as ids of the data set; `added[0]` of the first task is background. */
export interface PlannedTask extends Task {
  readonly added: readonly number[]
  /** Ids of all classes seen so far, in the order of the model's channels. */
  readonly seen: readonly number[]
}

/**
 * How classes come in: `'3-1'` (three classes, then one at a time), `'all'` (one task), or explicit lists of class
 * names. Background (class id 0) belongs to the first task and is not counted.
 */
export type TaskSequence = string | readonly (readonly string[])[]

interface NamedClass {
  readonly id: number
  readonly name: string
}

/** Turns a sequence into tasks. `order` lists all foreground classes by name; default: the data set's order. */
export function planTasks(
  sequence: TaskSequence,
  classes: readonly NamedClass[],
  order?: readonly string[],
): readonly PlannedTask[] {
  const [background, ...foreground] = [...classes].sort((a, b) => a.id - b.id)
  if (!background || foreground.length === 0) {
    throw new ConfigError('protocol/classes', 'the data set needs a background and at least one more class')
  }
  requireBackground(background, foreground)
  const ordered = order ? order.map((name) => find(name, foreground, 'protocol.order')) : foreground
  if (ordered.length !== foreground.length || new Set(ordered).size !== foreground.length) {
    throw new ConfigError('protocol/order', 'protocol.order: every foreground class once', {
      expected: foreground.map(({ name }) => name).join(', '),
      received: (order ?? []).join(', '),
    })
  }
  const steps = typeof sequence === 'string' ? stepsOf(sequence, ordered) : listed(sequence, foreground)
  const seen: NamedClass[] = []
  return steps.map((step, index) => {
    const added = index === 0 ? [background, ...step] : step
    const oldClasses = seen.length
    seen.push(...added)
    return {
      index,
      name: `${index}: ${step.map(({ name }) => name).join(', ')}`,
      classes: seen.map(({ name }) => name),
      oldClasses,
      newClasses: added.length,
      added: added.map(({ id }) => id),
      seen: seen.map(({ id }) => id),
    }
  })
}

function stepsOf(plan: string, ordered: readonly NamedClass[]): NamedClass[][] {
  if (plan === 'all') return [[...ordered]]
  const match = /^(\d+)-(\d+)$/.exec(plan)
  const [first, later] = [Number(match?.[1]), Number(match?.[2])]
  const left = ordered.length - first
  if (!match || first < 1 || later < 1 || left < 1 || left % later !== 0) {
    throw new ConfigError(
      'protocol/tasks',
      `protocol.tasks: "${plan}" does not divide ${ordered.length} classes`,
      {
        expected: `"all", or "X-Y" with X first classes and Y a task such that X + k·Y = ${ordered.length}`,
        received: `"${plan}"`,
        hint: 'explicit lists of class names are possible too',
      },
    )
  }
  const starts = Array.from({ length: left / later }, (_, k) => first + k * later)
  return [ordered.slice(0, first), ...starts.map((start) => ordered.slice(start, start + later))]
}

function listed(plan: readonly (readonly string[])[], foreground: readonly NamedClass[]): NamedClass[][] {
  const steps = plan.map((names, i) => names.map((name) => find(name, foreground, `protocol.tasks[${i}]`)))
  const all = steps.flat()
  const twice = all.find((one, i) => all.indexOf(one) !== i)
  if (twice) throw new ConfigError('protocol/tasks', `protocol.tasks: class "${twice.name}" is in two tasks`)
  if (steps.length === 0 || steps.some((step) => step.length === 0)) {
    throw new ConfigError('protocol/tasks', 'protocol.tasks: every task needs at least one class')
  }
  return steps
}

function find(name: string, classes: readonly NamedClass[], where: string): NamedClass {
  const found = classes.find((one) => one.name === name)
  if (found) return found
  throw unknownName(
    'protocol/unknown-class',
    `${where}: no foreground class is named "${name}"`,
    name,
    classes.map((one) => one.name),
  )
}

/** Methods fold classes into channel 0 and read label 0 as "nothing known": it has to be the background. */
function requireBackground(first: NamedClass, foreground: readonly NamedClass[]): void {
  const misplaced = foreground.find(({ name }) => /^background$/i.test(name))
  if (first.id === 0 && !misplaced) return
  const { id, name } = misplaced ?? first
  throw new ConfigError('protocol/background', 'the data set: class id 0 is the background', {
    expected: 'id 0 for pixels of no class',
    received: `id ${id} for "${name}"${misplaced ? `, id ${first.id} for "${first.name}"` : ''}`,
    hint: 'renumber the classes of the data set and its masks',
  })
}
