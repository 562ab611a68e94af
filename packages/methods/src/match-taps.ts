import { ConfigError, type Model, type Tap, unknownName } from '@limbeck/core'

/** A map of the student with the one of the teacher that it learns from. */
export interface MatchedTaps {
  readonly student: Tap
  readonly teacher: Tap
}

/**
 * Which maps of two networks of different kinds belong together: those named in `pairs` (student's to teacher's), or
 * every level of the student's encoder, and its decoder, with the teacher's of the same stride. Throws `ConfigError`
 * when nothing matches or strides differ, `UnknownNameError` for a tap that a network has not.
 */
export function matchTaps(
  student: Model,
  teacher: Model,
  pairs?: Readonly<Record<string, string>>,
): readonly MatchedTaps[] {
  const matched = pairs
    ? Object.entries(pairs).map(([ours, theirs]) => ({
        student: find(student, ours, 'student'),
        teacher: find(teacher, theirs, 'teacher'),
      }))
    : sameStride(student, teacher)
  for (const { student: ours, teacher: theirs } of matched) {
    if (ours.stride !== theirs.stride) {
      throw new ConfigError('distil/stride', `taps "${ours.name}" and "${theirs.name}" differ in size`, {
        expected: `stride ${ours.stride}`,
        received: `stride ${theirs.stride}`,
      })
    }
  }
  if (matched.length > 0) return matched
  throw new ConfigError('distil/no-taps', 'no map of the student has the stride of one of the teacher', {
    expected: describe(student),
    received: describe(teacher),
    hint: 'name pairs under taps',
  })
}

function sameStride(student: Model, teacher: Model): MatchedTaps[] {
  const kinds = [/^(encoder\.\d+|bottleneck)$/, /^decoder$/]
  return kinds.flatMap((kind) => {
    const ours = byStride(student, kind)
    const theirs = byStride(teacher, kind)
    return [...ours].flatMap(([stride, tap]) => {
      const other = theirs.get(stride)
      return other ? [{ student: tap, teacher: other }] : []
    })
  })
}

/** The deepest tap of a kind for each stride. */
const byStride = ({ taps }: Model, kind: RegExp): Map<number, Tap> =>
  new Map(taps.filter(({ name }) => kind.test(name)).map((tap) => [tap.stride, tap]))

function find({ taps }: Model, name: string, owner: string): Tap {
  const found = taps.find((tap) => tap.name === name)
  if (found) return found
  throw unknownName(
    'distil/unknown-tap',
    `the ${owner} has no tap "${name}"`,
    name,
    taps.map((tap) => tap.name),
  )
}

const describe = ({ taps }: Model): string => taps.map(({ name, stride }) => `${name} (${stride})`).join(', ')
