import { readFile } from 'node:fs/promises'
import { FormatError, parseSafetensors, serializeSafetensors } from '@limbeck/core'
import { writeAtomically } from '@limbeck/data'
import type { Snapshot } from '../snapshot.ts'

/** What a snapshot file holds besides the trainer's state. */
export interface SavedSnapshot {
  readonly snapshot: Snapshot
  /** Length of `metrics.jsonl` when it was taken: what was logged after it will be logged again. */
  readonly logBytes: number
}

/** One file holds everything, so that it is either all there or not at all. */
export async function saveSnapshotFile(path: string, { snapshot, logBytes }: SavedSnapshot): Promise<void> {
  const { tensors, ...rest } = snapshot
  const metadata = { snapshot: JSON.stringify({ ...rest, logBytes }) }
  await writeAtomically(path, serializeSafetensors({ tensors, metadata }))
}

/** The snapshot at `path`, or undefined when none was taken yet. */
export async function loadSnapshotFile(path: string): Promise<SavedSnapshot | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const { tensors, metadata } = parseSafetensors(bytes, path)
  if (metadata.snapshot === undefined) {
    throw new FormatError('snapshot/malformed', `${path}: not a snapshot of a run`, {
      hint: 'start the run again with --replace',
    })
  }
  const { logBytes, ...rest } = JSON.parse(metadata.snapshot) as Omit<Snapshot, 'tensors'> & {
    logBytes: number
  }
  return { snapshot: { ...rest, tensors }, logBytes }
}
