import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const { run, verdict } = await import(new URL('../device/command.mjs', import.meta.url).href)
const home = mkdtempSync(join(tmpdir(), 'limbeck-command-'))
const log = join(home, 'log')
afterAll(() => rmSync(home, { recursive: true }))

it('gives the exit code and what was printed, and keeps it in the log', async () => {
  const outcome = await run(['sh', '-c', 'echo out; echo err >&2; exit 3'], { log, seconds: 60 })
  expect(outcome).toMatchObject({ code: 3, cut: false })
  expect(outcome.output.trim().split('\n').sort()).toEqual(['err', 'out'])
  expect(readFileSync(log, 'utf8')).toContain('(code 3, ')
  expect(verdict([outcome])).toEqual({ status: 'failed' })
})

it('ends a command whose time is up with all that it has started', async () => {
  // the child that holds the pipe open would keep this waiting if it were left alive
  const outcome = await run(['sh', '-c', 'sleep 600 & echo begun; wait'], { log, seconds: 0.5 })
  expect(outcome).toMatchObject({ cut: true, output: 'begun\n' })
  expect(verdict([outcome])).toEqual({ status: 'cut' })
})

it('fails where the program is not there', async () => {
  const outcome = await run(['limbeck-no-such-program'], { log, seconds: 60 })
  expect(outcome.code).not.toBe(0)
  expect(outcome.output).toContain('ENOENT')
})
