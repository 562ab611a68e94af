/** What the system says when a file cannot be written or opened, in words, and what to do about it. */
const FAILURES: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['no space is left on the disk', 'free some space and call the command again'],
  EDQUOT: ['the quota of the disk is used up', 'free some space and call the command again'],
  EFBIG: ['the file would be larger than is allowed here', 'see "ulimit -f"'],
  EROFS: ['the disk can only be read', 'choose another place'],
  EACCES: ['permission is denied', 'check the rights of the file and of its directory'],
  EPERM: ['the operation is not permitted', 'check the rights of the file and of its directory'],
  EMFILE: ['too many files are open', 'see "ulimit -n"'],
  EISDIR: ['is a directory', 'name a file'],
  ENOTDIR: ['a part of the path is no directory', 'check the path'],
  ENOENT: ['does not exist', 'check the path'],
}

export interface SystemFailure {
  readonly code: string
  /** The file that it is about, where the system says so. */
  readonly path: string | undefined
  readonly what: string
  readonly hint: string
}

/** The failure of the system behind an error, which may be the cause of another one; undefined where there is none. */
export function systemFailure(error: unknown): SystemFailure | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, path, cause } = error as NodeJS.ErrnoException & { readonly cause?: unknown }
  const known = syscall === undefined ? undefined : FAILURES[code ?? '']
  return known ? { code: code!, path, what: known[0], hint: known[1] } : systemFailure(cause)
}
