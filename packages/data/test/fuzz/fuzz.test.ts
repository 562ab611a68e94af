import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judge, openCases } from './fuzz-target.ts'
import { fuzzTargets } from './targets.ts'

/** `npm run fuzz -- --cases 100000` runs more of the same cases, with a watch over time and memory. */
const CASES = 200
const SEED = 1

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'limbeck-fuzz-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe('mutated files', () => {
  it.each(fuzzTargets)('$name: are read or refused with an error of ours', async (target) => {
    const caseOf = await openCases(target, SEED)
    for (const seed of await target.seeds()) await judge(target, Uint8Array.from(seed), directory)
    for (let index = 0; index < CASES; index++) {
      const replay = `npm run fuzz -- --target ${target.name} --seed ${SEED} --case ${index}`
      await judge(target, caseOf(index), directory).catch((error: Error) => {
        throw new Error(`${error.message}\n${replay}`, { cause: error })
      })
    }
  })

  it.each(fuzzTargets)('$name: mutants differ, and are the same for the same seed', async (target) => {
    const [caseOf, again] = await Promise.all([openCases(target, SEED), openCases(target, SEED)])
    const cases = Array.from({ length: 50 }, (_, index) => Buffer.from(caseOf(index)).toString('base64'))
    expect(cases).toEqual(
      Array.from({ length: 50 }, (_, index) => Buffer.from(again(index)).toString('base64')),
    )
    expect(new Set(cases).size).toBeGreaterThan(25)
  })
})
