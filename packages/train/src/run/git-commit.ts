import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/**
 * The commit that is checked out where `directory` lies, or undefined outside a repository. Reads git's files:
 * no shell, no git needed. Knows worktrees and packed refs.
 */
export async function gitCommit(directory: string): Promise<string | undefined> {
  const git = await findGitDirectory(resolve(directory))
  if (git === undefined) return undefined
  const head = await readLine(join(git, 'HEAD'))
  if (!head?.startsWith('ref: ')) return head
  const ref = head.slice('ref: '.length)
  // A worktree has its own HEAD, while branches live in the repository that it belongs to.
  const common = resolve(git, (await readLine(join(git, 'commondir'))) ?? '.')
  return (await readLine(join(common, ref))) ?? (await packedRef(common, ref))
}

async function findGitDirectory(directory: string): Promise<string | undefined> {
  const entry = join(directory, '.git')
  if ((await readLine(join(entry, 'HEAD'))) !== undefined) return entry
  const pointer = await readLine(entry)
  if (pointer?.startsWith('gitdir: ')) return resolve(directory, pointer.slice('gitdir: '.length))
  const parent = dirname(directory)
  return parent === directory ? undefined : findGitDirectory(parent)
}

async function packedRef(git: string, ref: string): Promise<string | undefined> {
  const packed = await read(join(git, 'packed-refs'))
  const line = packed?.split('\n').find((one) => one.endsWith(` ${ref}`))
  return line?.split(' ')[0]
}

const readLine = async (path: string): Promise<string | undefined> =>
  (await read(path))?.split('\n')[0]?.trim()

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
