import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { installedModule } from './installed-module.ts'

const project = realpathSync(mkdtempSync(join(tmpdir(), 'limbeck-project-')))
afterAll(() => rmSync(project, { recursive: true }))
afterEach(() => {
  vi.restoreAllMocks()
  process.argv[1] = program
})
const program = process.argv[1]!

/** A package in a directory's node_modules; the URL of its module. */
function installed(at: string, name: string): string {
  const directory = join(at, 'node_modules', name)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name, main: 'index.js' }))
  writeFileSync(join(directory, 'index.js'), '')
  return pathToFileURL(join(directory, 'index.js')).href
}

it('finds what the project has, the program, or their limbeck', () => {
  const direct = installed(project, 'backend-direct')
  installed(project, 'limbeck')
  const nested = installed(join(project, 'node_modules', 'limbeck'), 'backend-nested')
  vi.spyOn(process, 'cwd').mockReturnValue(project)
  process.argv[1] = 'neither a file nor absolute'
  expect(installedModule('backend-direct')).toBe(direct)
  expect(installedModule('backend-nested')).toBe(nested)

  vi.spyOn(process, 'cwd').mockReturnValue('/')
  expect(installedModule('backend-direct')).toBeUndefined()
  process.argv[1] = join(project, 'train.mjs')
  expect(installedModule('backend-direct')).toBe(direct)
  expect(installedModule('backend-nested')).toBe(nested)
})
