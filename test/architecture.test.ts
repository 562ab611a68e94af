import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../packages/', import.meta.url))
const packages = readdirSync(root).filter((name) => !name.startsWith('.'))

const sourcesOf = (name: string): string[] =>
  readdirSync(join(root, name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(root, name, 'src', file))

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^'"]*?from '([^']+)'|^import '([^']+)'/gms),
  ].map((match) => (match[1] ?? match[2])!)

interface Manifest {
  readonly name: string
  readonly dependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as Manifest

describe('every package', () => {
  it.each(packages)('%s imports only what its package.json and its tsconfig name', (name) => {
    const { name: self, dependencies = {}, peerDependencies = {} } = manifestOf(name)
    const declared = new Set([self, ...Object.keys(dependencies), ...Object.keys(peerDependencies)])
    const used = new Set(
      sourcesOf(name)
        .flatMap(importsOf)
        .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map((specifier) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    )
    expect([...used].filter((specifier) => !declared.has(specifier))).toEqual([])

    const tsconfig = JSON.parse(readFileSync(join(root, name, 'tsconfig.json'), 'utf8')) as {
      references: { path: string }[]
    }
    const referenced = tsconfig.references.map(({ path }) => manifestOf(path.replace('../', '')).name)
    const internal = Object.keys({ ...dependencies, ...peerDependencies }).filter((dependency) =>
      packages.some((other) => manifestOf(other).name === dependency),
    )
    expect(referenced.sort()).toEqual(internal.sort())
  })

  it('reaches tfjs-core through one module', () => {
    const direct = packages
      .flatMap(sourcesOf)
      .filter((file) => importsOf(file).some((specifier) => specifier.startsWith('@tensorflow/tfjs-core')))
      .map((file) => file.slice(root.length))
      .filter((file) => !file.startsWith('testing/src/conformance/'))
    expect(direct).toEqual(['core/src/tf.ts'])
  })

  it('has no file that is named after nothing', () => {
    const vague = packages
      .flatMap(sourcesOf)
      .filter((file) => /\/(utils?|helpers?|common|types|misc)\.ts$/.test(file))
    expect(vague).toEqual([])
  })
})
