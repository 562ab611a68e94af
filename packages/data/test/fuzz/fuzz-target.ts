import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LimbeckError, Random } from '@limbeck/core'
import { type Material, mutate } from './mutate.ts'

/** A parser, and what to feed it. */
export interface FuzzTarget {
  readonly name: string
  readonly words: readonly string[]
  seeds(): Promise<readonly Uint8Array[]>
  /** Changes a seed as one who knows the format; every second case is made so. */
  mutate?(seed: Uint8Array, random: Random): Uint8Array
  /** Makes a mutant pass checks that would hide what lies behind them: checksums. */
  repair?(bytes: Uint8Array): Uint8Array
  /**
   * Reads a mutant, in `directory`, the target's own, if files are needed; throws what the parser throws, and on a
   * wrong answer.
   */
  read(bytes: Uint8Array, directory: string): Promise<void>
}

/** The mutants of a target, by their index. */
export async function openCases(target: FuzzTarget, seed: number): Promise<(index: number) => Uint8Array> {
  const material: Material = { seeds: await target.seeds(), words: target.words }
  return (index) => {
    const random = new Random(seed).fork('fuzz', target.name, index)
    const knowing = target.mutate && random.chance(0.5)
    const bytes = knowing ? target.mutate!(random.pick(material.seeds), random) : mutate(material, random)
    return target.repair ? target.repair(bytes) : bytes
  }
}

/** `refused` with an error of ours or `read` in whole; rejects with anything else that the parser does. */
export async function judge(
  target: FuzzTarget,
  bytes: Uint8Array,
  scratch: string,
): Promise<'read' | 'refused'> {
  const directory = join(scratch, target.name)
  await mkdir(directory, { recursive: true })
  try {
    await target.read(bytes, directory)
    return 'read'
  } catch (error) {
    if (error instanceof LimbeckError && error.message !== '') return 'refused'
    throw error
  }
}
