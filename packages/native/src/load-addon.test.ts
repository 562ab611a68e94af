import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, expect, it } from 'vitest'
import { loadAddon } from './load-addon.ts'

const directory = mkdtempSync(join(tmpdir(), 'limbeck-addon-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** A module in place of an addon, which a loader cannot tell apart. */
function written(name: string, open: string): string {
  const path = join(directory, `${name}.cjs`)
  writeFileSync(path, `exports.open = () => { ${open} }`)
  return path
}

const works = written('works', `return { opened: 'works' }`)
const fails = written(
  'fails',
  `throw Object.assign(new Error('no driver found'), { code: 'cudaErrorNoDevice' })`,
)
const missing = join(directory, 'missing.node')

const load = (...builds: string[]) =>
  loadWith({ platformPackage: '@limbeck/backend-test-nowhere' }, ...builds)

const loadWith = ({ platformPackage }: { readonly platformPackage: string }, ...builds: string[]) =>
  loadAddon({
    variable: 'LIMBECK_TEST_ADDON',
    builds: builds.map((path) => pathToFileURL(path)),
    platformPackage,
    from: pathToFileURL(join(directory, 'backend.mjs')).href,
    hint: 'build it',
  })

/** A package for a platform, installed beside the backend. */
function installed(name: string, open: string): string {
  const path = join(directory, 'node_modules', name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name, main: 'addon.cjs' }))
  writeFileSync(join(path, 'addon.cjs'), `exports.open = () => { ${open} }`)
  return join(path, 'addon.cjs')
}

afterEach(() => {
  delete process.env.LIMBECK_TEST_ADDON
})

it('takes the first addon that opens', () => {
  expect(load(missing, fails, works, fails)).toEqual({ addon: { opened: 'works' }, path: works })
})

it('lists what it tried where none opens; the reason is that of the addon that is there', () => {
  const loaded = load(missing, fails)
  expect(loaded).toMatchObject({
    tried: [
      { place: missing, reason: 'not built' },
      { place: fails, reason: 'no driver found' },
      { place: '@limbeck/backend-test-nowhere', reason: 'not installed' },
    ],
    reason: `${fails}: no driver found`,
  })
})

it('says how to build one where there is none', () => {
  expect(load(missing)).toMatchObject({
    reason: `${missing}: not built; @limbeck/backend-test-nowhere: not installed; build it`,
  })
})

it('falls back to nothing where the variable names an addon', () => {
  process.env.LIMBECK_TEST_ADDON = missing
  expect(load(works)).toMatchObject({
    tried: [{ place: `LIMBECK_TEST_ADDON=${missing}`, reason: 'no such file' }],
  })
  process.env.LIMBECK_TEST_ADDON = works
  expect(load(fails)).toMatchObject({ path: works })
})

it('prefers what was built here to the package for the platform, and the variable to both', () => {
  const platformPackage = '@limbeck/backend-test-prebuilt'
  const path = installed(platformPackage, `return { opened: 'prebuilt' }`)
  expect(loadWith({ platformPackage }, missing)).toEqual({ addon: { opened: 'prebuilt' }, path })
  expect(loadWith({ platformPackage }, works)).toMatchObject({ path: works })
  process.env.LIMBECK_TEST_ADDON = missing
  expect(loadWith({ platformPackage }, works).addon).toBeUndefined()
})
