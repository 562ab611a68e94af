import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gitCommit } from './git-commit.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-git-'))
  await mkdir(join(root, 'repo/.git/refs/heads'), { recursive: true })
  await mkdir(join(root, 'repo/deep/er'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

const write = (path: string, text: string) => writeFile(join(root, path), text)

describe('gitCommit', () => {
  it('follows HEAD to its branch, from any directory of the repository', async () => {
    await write('repo/.git/HEAD', 'ref: refs/heads/main\n')
    await write('repo/.git/refs/heads/main', `${COMMIT}\n`)
    expect(await gitCommit(join(root, 'repo/deep/er'))).toBe(COMMIT)
  })

  it('reads a detached HEAD and a packed branch', async () => {
    await write('repo/.git/HEAD', `${COMMIT}\n`)
    expect(await gitCommit(join(root, 'repo'))).toBe(COMMIT)
    await write('repo/.git/HEAD', 'ref: refs/heads/old\n')
    await write('repo/.git/packed-refs', `# pack-refs with: peeled\n${COMMIT} refs/heads/old\n`)
    expect(await gitCommit(join(root, 'repo'))).toBe(COMMIT)
  })

  it('finds the branch of a worktree in the repository that it belongs to', async () => {
    await mkdir(join(root, 'repo/.git/worktrees/side'), { recursive: true })
    await mkdir(join(root, 'side'))
    await write('side/.git', `gitdir: ${join(root, 'repo/.git/worktrees/side')}\n`)
    await write('repo/.git/worktrees/side/HEAD', 'ref: refs/heads/side\n')
    await write('repo/.git/worktrees/side/commondir', '../..\n')
    await write('repo/.git/refs/heads/side', `${COMMIT}\n`)
    expect(await gitCommit(join(root, 'side'))).toBe(COMMIT)
  })

  it('is undefined outside a repository and before the first commit', async () => {
    expect(await gitCommit(root)).toBeUndefined()
    await write('repo/.git/HEAD', 'ref: refs/heads/main\n')
    expect(await gitCommit(join(root, 'repo'))).toBeUndefined()
  })
})
