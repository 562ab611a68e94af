import { createHash } from 'node:crypto'
import {
  type Dataset,
  IGNORE_LABEL,
  LimbeckError,
  type Sample,
  type SampleSummary,
  type Split,
} from '@limbeck/core'
import { summarize } from '../cache/summarize.ts'
import { inStreams } from '../files/in-streams.ts'
import { type Fingerprint, findDuplicates } from './find-duplicates.ts'
import { type SplitStatistics, splitStatistics } from './split-statistics.ts'
import { thumbnailOf } from './thumbnail.ts'

/** What may be wrong with a data set. */
export type FindingKind =
  | 'unreadable'
  | 'unknown-class'
  | 'duplicate'
  | 'shared-group'
  | 'shared-id'
  | 'orphan'
  | 'changed'
  | 'absent-class'

export interface Finding {
  readonly kind: FindingKind
  /** An error makes results wrong; a note is for a person to judge. */
  readonly level: 'error' | 'note'
  readonly message: string
}

export interface DatasetReport {
  readonly name: string
  readonly channels: number
  readonly classes: Dataset['classes']
  readonly splits: readonly SplitStatistics[]
  readonly findings: readonly Finding[]
}

export interface CheckOptions {
  /** Hears of each image that has been read. */
  readonly onProgress?: (done: number, of: number) => void
}

/** Reads a whole data set and tells what it holds and what is wrong with it. Throws for nothing that it finds there. */
export async function checkDataset(dataset: Dataset, options: CheckOptions = {}): Promise<DatasetReport> {
  const { name, channels, classes } = dataset
  const splits = [...dataset.splits.values()]
  const of = splits.reduce((sum, { ids }) => sum + ids.length, 0)
  let done = 0
  const findings: Finding[] = []
  const fingerprints: Fingerprint[] = []
  const statistics: SplitStatistics[] = []
  for (const split of splits) {
    const looks = await lookAtAll(split, () => options.onProgress?.(++done, of))
    const read = looks.flatMap((look) => ('summary' in look ? [look] : []))
    for (const look of looks) {
      if ('summary' in look) findings.push(...unknownClasses(split, look.summary, classes))
      else findings.push(look)
    }
    fingerprints.push(...read.map(({ fingerprint }) => fingerprint))
    statistics.push(
      splitStatistics(
        split,
        read.map(({ summary }) => summary),
        classes,
      ),
    )
  }
  findings.push(
    ...duplicates(fingerprints),
    ...sharedGroups(splits),
    ...sharedIds(splits),
    ...(dataset.orphans ?? []).map(
      ({ file, lacks }): Finding => ({ kind: 'orphan', level: 'error', message: `${file}: lacks ${lacks}` }),
    ),
    ...absentClasses(statistics),
  )
  return { name, channels, classes, splits: statistics, findings }
}

interface Look {
  readonly summary: SampleSummary
  readonly fingerprint: Fingerprint
}

/** Reads a split in a few streams; what is broken is a finding. */
async function lookAtAll(split: Split, onLook: () => void): Promise<(Look | Finding)[]> {
  const looks = new Array<Look | Finding>(split.ids.length)
  await inStreams(split.ids.keys(), async (index) => {
    looks[index] = await lookAt(split, index)
    onLook()
  })
  return looks
}

async function lookAt(split: Split, index: number): Promise<Look | Finding> {
  try {
    const sample = await split.read(index)
    return { summary: summarize(sample), fingerprint: fingerprintOf(split, sample) }
  } catch (error) {
    if (!(error instanceof LimbeckError)) throw error
    return {
      kind: error.code === 'data/unknown-class' ? 'unknown-class' : 'unreadable',
      level: 'error',
      message: `${split.name}/${split.ids[index]}: ${error.message.replace(/\n */g, '; ')}`,
    }
  }
}

function fingerprintOf(split: Split, sample: Sample): Fingerprint {
  const { buffer, byteOffset, byteLength } = sample.image
  const pixels = new Uint8Array(buffer, byteOffset, byteLength)
  const shape = [sample.width, sample.height, sample.channels, sample.image.BYTES_PER_ELEMENT].join('×')
  const exact = createHash('sha256').update(shape).update(pixels).digest('base64')
  return { split: split.name, id: sample.id, exact, thumbnail: thumbnailOf(sample) }
}

function unknownClasses(
  split: Split,
  { id, pixels }: SampleSummary,
  classes: Dataset['classes'],
): readonly Finding[] {
  const known = new Set([IGNORE_LABEL, ...classes.map((one) => one.id)])
  const unknown = [...pixels.keys()].filter((label) => !known.has(label))
  if (unknown.length === 0) return []
  const message = `${split.name}/${id}: holds class ${unknown.join(', ')}, which the set does not name`
  return [{ kind: 'unknown-class', level: 'error', message }]
}

function duplicates(fingerprints: readonly Fingerprint[]): Finding[] {
  return findDuplicates(fingerprints).map(({ first, second, correlation, orientation }) => {
    const relation =
      correlation === 1
        ? 'has the same pixels'
        : `is nearly the same image, ${orientation} (r = ${correlation.toFixed(3)})`
    return {
      kind: 'duplicate',
      level: first.split === second.split ? 'note' : 'error',
      message: `${second.split}/${second.id}: ${relation} as ${first.split}/${first.id}`,
    }
  })
}

const sharedGroups = (splits: readonly Split[]): Finding[] =>
  shared(splits, ({ groups = [] }) => groups).map(([group, names]) => ({
    kind: 'shared-group',
    level: 'error',
    message: `group "${group}" is divided among ${names.join(', ')}`,
  }))

const sharedIds = (splits: readonly Split[]): Finding[] =>
  shared(splits, ({ ids }) => ids).map(([id, names]) => ({
    kind: 'shared-id',
    level: 'error',
    message: `image "${id}" is in ${names.join(' and ')}`,
  }))

/** Values that occur in more than one split, with the names of those. */
function shared(
  splits: readonly Split[],
  valuesOf: (split: Split) => readonly string[],
): [string, string[]][] {
  const names = new Map<string, string[]>()
  for (const split of splits) {
    for (const value of new Set(valuesOf(split))) names.set(value, [...(names.get(value) ?? []), split.name])
  }
  return [...names].filter(([, where]) => where.length > 1)
}

function absentClasses(statistics: readonly SplitStatistics[]): Finding[] {
  return statistics.flatMap(({ name, images, ignoredShare, classes }): Finding[] => {
    const absent = images > 0 ? classes.filter(({ pixels }) => pixels === 0) : []
    const [only, ...others] = classes.filter(({ pixels }) => pixels > 0)
    // as programs for binary images save objects
    if (only && others.length === 0 && absent.length > 0 && ignoredShare > 0) {
      const ignored = `${(100 * ignoredShare).toFixed(1)} % that are ignored (${IGNORE_LABEL})`
      const cure = 'if those are objects, give them the id of their class'
      const message = `${name}: no pixel of any class but "${only.name}", and ${ignored}: ${cure}`
      return [{ kind: 'absent-class', level: 'error', message }]
    }
    return absent.map((one) => ({
      kind: 'absent-class',
      level: 'note',
      message: `${name}: no pixel of "${one.name}"`,
    }))
  })
}
