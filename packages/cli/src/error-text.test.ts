import { readFile } from 'node:fs/promises'
import { RunError } from '@limbeck/core'
import { expect, it } from 'vitest'
import { errorText } from './error-text.ts'

const systemError = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: …, write`), { code, syscall: 'write', ...(path && { path }) })

it.each([
  [systemError('ENOSPC'), 'no space is left on the disk (ENOSPC)\n  hint: free some space'],
  [systemError('EACCES', '/a/b'), '/a/b: permission is denied (EACCES)'],
  [new Error('read', { cause: systemError('EROFS', '/c') }), '/c: the disk can only be read (EROFS)'],
])('says what the system says, and what to do', (error, text) => {
  expect(errorText(error)).toContain(text)
})

it('names the file that a real error is about', async () => {
  const error = await readFile('/nowhere/at all').catch((thrown: unknown) => thrown)
  expect(errorText(error)).toBe('/nowhere/at all: does not exist (ENOENT)\n  hint: check the path')
})

it('leaves what Limbeck says as it is, and names what nobody expected', () => {
  expect(errorText(new RunError('run/x', 'stopped', { cause: systemError('ENOSPC') }))).toBe('stopped')
  expect(errorText(new TypeError('x is not a function'))).toMatch(
    /^TypeError: x.*\n {2}hint: LIMBECK_DEBUG=1/,
  )
})
