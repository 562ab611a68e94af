import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { newerThan, symbolVersions } from '../scripts/symbol-versions.mjs'

const repository = fileURLToPath(new URL('../', import.meta.url))
const nodeApi = join(dirname(createRequire(import.meta.url).resolve('node-api-headers')), 'include')
const home = mkdtempSync(join(tmpdir(), 'limbeck-platform-'))
afterAll(() => rmSync(home, { recursive: true }))

const lacking = ['cc', 'strip', 'objdump'].filter((tool) => spawnSync(tool, ['--version']).status !== 0)
const skip = lacking.length > 0 || process.platform !== 'linux'

/** Compiles an addon that any system takes; what the builds make by themselves asks for the system's own libraries. */
function compiled(): string {
  const source = join(home, 'addon.c')
  const addon = join(home, 'addon.node')
  writeFileSync(
    source,
    `#include <node_api.h>
    #include <stdlib.h>
    static napi_value open(napi_env env, napi_callback_info info) {
      abort();
    }
    NAPI_MODULE_INIT() {
      napi_value function;
      napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, NULL, &function);
      napi_set_named_property(env, exports, "open", function);
      return exports;
    }`,
  )
  execFileSync('cc', ['-shared', '-fPIC', '-I', nodeApi, '-o', addon, source])
  return addon
}

const packageNative = (...args: readonly string[]) =>
  spawnSync(process.execPath, [join(repository, 'scripts/package-native.mjs'), ...args, '--out', home], {
    encoding: 'utf8',
  })

describe.skipIf(skip)(`package:native${skip ? ` (skipped: no ${lacking.join(', ')})` : ''}`, () => {
  it('makes a package for this platform alone, with one file that the loader takes', () => {
    const platform = `linux-${process.arch}`
    const addon = compiled()
    for (const [name, file] of [
      ['cuda', 'limbeck_cuda.node'],
      ['simd', 'limbeck_simd.node'],
    ] as const) {
      const { status, stdout, stderr } = packageNative(name, '--addon', addon)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(/^addon \d+\.\d\d MiB, package \d+\.\d\d MiB$/m)
      expect(stdout).toMatch(/needs GLIBC_2\.\d+/)
      const directory = join(home, `backend-${name}-${platform}`)
      expect(readdirSync(directory).sort()).toEqual([file, 'LICENSE', 'README.md', 'package.json'].sort())
      expect(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).toMatchObject({
        name: `@limbeck/backend-${name}-${platform}`,
        os: ['linux'],
        cpu: [process.arch],
        libc: ['glibc'],
        main: file,
      })
    }
    const script = `console.log(typeof require(${JSON.stringify(join(home, `backend-simd-${platform}`))}).open)`
    expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('function\n')
    expect(readFileSync(join(home, `backend-cuda-${platform}`, 'README.md'), 'utf8')).toContain(
      'libcudart_static',
    )
  })

  it('names what it can make, and what is no addon', () => {
    expect(packageNative('rocm')).toMatchObject({
      status: 2,
      stderr: 'package-native: expected one of simd, cuda, emulated, received rocm\n',
    })
    const text = join(home, 'text.node')
    writeFileSync(text, 'no addon')
    expect(packageNative('simd', '--addon', text)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('package-native: strip failed'),
    })
  })
})

describe('what an addon asks of a system', () => {
  it('is the newest version of the symbols of each library that it does not define', () => {
    const listing = `
0000000000000000      DF *UND*	0000000000000000 (GLIBC_2.2.5) memcpy
0000000000000000      DF *UND*	0000000000000000 (GLIBC_2.34) pthread_create
0000000000000000      DF *UND*	0000000000000000 (GLIBC_2.4)  __stack_chk_fail
0000000000000000  w   D  *UND*	0000000000000000  Base        napi_throw
0000000000012340 g    DF .text	0000000000000010 (OWN_9.9)    own
0000000000000000      DO *UND*	0000000000000000 (GLIBCXX_3.4.21) _ZTV
`
    expect(symbolVersions(listing)).toEqual({ GLIBC: '2.34', GLIBCXX: '3.4.21' })
  })

  it.each([
    ['2.34', '2.4', true],
    ['2.4', '2.34', false],
    ['3.4.30', '3.4.29', true],
    ['3.4', '3.4.1', false],
    ['3.4.1', '3.4', true],
    ['2.34', '2.34', false],
  ])('%s is newer than %s: %s', (a, b, newer) => {
    expect(newerThan(a, b)).toBe(newer)
  })
})
