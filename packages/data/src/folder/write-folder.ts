import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError, type Dataset, type Sample, type Split } from '@limbeck/core'
import { digest } from '../cache/digest.ts'
import { writeAtomically, writeJson } from '../files/atomic-write.ts'
import { inStreams } from '../files/in-streams.ts'
import { makeDirectory } from '../files/make-directory.ts'
import { maskPng } from '../render/mask-png.ts'
import { imagePng, instancesPng } from '../render/sample-png.ts'
import { fileNameOf } from './file-name.ts'

/** Says, while a conversion has not ended, what it converts. */
const STATE = '.limbeck-convert.json'

export interface WriteFolderOptions {
  /** Goes into the manifest, and tells whether a conversion that was broken off is of the same data. */
  readonly source: unknown
  /** Hears of each image that is there. */
  readonly onProgress?: (done: number, of: number) => void
}

interface Job {
  readonly split: Split
  readonly index: number
  /** The sample's id in the folder, which is its file name. */
  readonly name: string
}

/**
 * Writes a data set in the layout of `folder`. Each file appears whole, and `manifest.json` last: what was broken off
 * goes on when it is called again, and is no data set before its end. Images that several splits name alike get the
 * name of their split before their own.
 *
 * Throws `DataError` for a directory that holds something else, and for images that PNG cannot hold.
 */
export async function writeFolder(
  dataset: Dataset,
  directory: string,
  options: WriteFolderOptions,
): Promise<void> {
  const { source, onProgress } = options
  const splits = [...dataset.splits.values()]
  const jobs = namedJobs(splits)
  await claim(directory, digest([source, dataset.classes, jobs.map(({ name }) => name)]))
  const written = new Set(await readdir(join(directory, 'masks')))
  let done = 0
  await inStreams(jobs, async ({ split, index, name }) => {
    if (!written.has(`${name}.png`)) await writeSample(directory, name, await split.read(index))
    onProgress?.(++done, jobs.length)
  })

  const namesOf = (split: Split) => jobs.filter((job) => job.split === split).map(({ name }) => name)
  const groups = jobs.flatMap(({ split, index, name }) =>
    split.groups ? [[name, split.groups[index]!]] : [],
  )
  await writeJson(
    join(directory, 'splits.json'),
    Object.fromEntries(splits.map((one) => [one.name, namesOf(one)])),
  )
  if (groups.length > 0) await writeJson(join(directory, 'groups.json'), Object.fromEntries(groups))
  await writeJson(join(directory, 'manifest.json'), { name: dataset.name, source, classes: dataset.classes })
  await rm(join(directory, STATE), { force: true })
}

function namedJobs(splits: readonly Split[]): Job[] {
  const splitsWith = new Map<string, number>()
  for (const id of splits.flatMap(({ ids }) => ids)) splitsWith.set(id, (splitsWith.get(id) ?? 0) + 1)
  const jobs = splits.flatMap((split) =>
    split.ids.map((id, index): Job => {
      const name = splitsWith.get(id) === 1 ? id : `${split.name}-${id}`
      return { split, index, name: fileNameOf(name) }
    }),
  )
  const names = new Set<string>()
  for (const { split, index, name } of jobs) {
    if (names.has(name)) {
      throw new DataError('convert/same-name', `two images would be written to ${name}.png`, {
        received: `one of them is ${split.name}/${split.ids[index]}`,
      })
    }
    names.add(name)
  }
  return jobs
}

/** Makes the directory this conversion's own, or finds that it is. */
async function claim(directory: string, state: string): Promise<void> {
  await makeDirectory(directory)
  const entries = await readdir(directory)
  const found = entries.includes(STATE) ? await readFile(join(directory, STATE), 'utf8') : undefined
  const own = JSON.stringify({ state })
  if (entries.length > 0 && found !== own) {
    throw new DataError('convert/not-empty', `${directory}: holds something else`, {
      expected: 'a new directory, or one in which a conversion of the same data was broken off',
      received: found === undefined ? entries.slice(0, 5).join(', ') : 'a conversion of other data',
      hint: 'choose another directory, or delete this one',
    })
  }
  if (found === undefined) await writeAtomically(join(directory, STATE), own)
  for (const name of ['images', 'instances', 'masks']) {
    await mkdir(join(directory, name), { recursive: true })
    await removeHalves(join(directory, name))
  }
}

/** Files that a process which was killed had begun to write. */
async function removeHalves(directory: string): Promise<void> {
  const halves = (await readdir(directory)).filter((name) => name.endsWith('.tmp'))
  await Promise.all(halves.map((name) => rm(join(directory, name), { force: true })))
}

/** The mask comes last: where it is, the rest is. */
async function writeSample(directory: string, name: string, sample: Sample): Promise<void> {
  const to = (part: string) => join(directory, part, `${name}.png`)
  await writeAtomically(to('images'), await imagePng(sample))
  if (sample.instances) await writeAtomically(to('instances'), await instancesPng(sample))
  await writeAtomically(to('masks'), await maskPng(sample.labels, sample))
}
