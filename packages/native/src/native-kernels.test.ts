/** The TypeScript table against the C++ headers, which are read as text. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codes, MAX_RANK, nativeKernels } from './native-kernels.ts'

const header = (name: string): string =>
  readFileSync(new URL(`../include/limbeck/${name}`, import.meta.url), 'utf8')

const params = header('params.h')

/** Fields of every struct in order, as `nativeKernels` writes them. */
const structs = Object.fromEntries(
  [...params.matchAll(/((?:\/\/[^\n]*\n)*)struct (\w+) \{([^}]*)\}/g)].map(([, comment, name, body]) => {
    const fields = [...body!.replace(/\/\/[^\n]*/g, '').matchAll(/\w+ ([^;]+);/g)].flatMap(([, names]) =>
      names!.split(',').map((field) => field.trim().replace(/\[\w+\]/, '[]')),
    )
    const followed = /Followed by ([^.]*)\./.exec(comment!)?.[1] ?? ''
    const tails = [...followed.matchAll(/(\w+)\[/g)].map(([, tail]) => `${tail}...`)
    return [name!, [...fields, ...tails]]
  }),
)

interface Prototype {
  readonly buffers: readonly string[] | 'list'
  readonly ints: readonly string[]
  readonly reals: readonly string[]
}

/** Prototypes by kernel; buffers of those that take `Arguments` are named in the comment before. */
function prototypes(): Record<string, Prototype> {
  const text = header('kernels.h').split('// The kernels above by name')[0]!
  const found = [...text.matchAll(/((?:\/\/[^\n]*\n)*)void (\w+)\(([^;]*)\);/g)]
  return Object.fromEntries(
    found.map(([, comment, kernel, list]) => {
      const described = /(\w+Ints)(?:, (\w+Reals))?[^:]*: ([^.]*)/.exec(comment!.replace(/\n?\/\/ ?/g, ' '))
      const [ints, reals] = list!.includes('Arguments')
        ? [described![1]!, described![2]]
        : [/const (\w+Ints)&/.exec(list!)![1]!, /const (\w+Reals)&/.exec(list!)?.[1]]
      const buffers = list!.includes('Arguments')
        ? described![3]!.replace(/\([^)]*\)/g, '').split(',')
        : list!.split(',').filter((parameter) => parameter.includes('*'))
      const names = buffers.map((one) =>
        one
          .trim()
          .replace(/^.*\*\s*(?=\w)/, '')
          .replace(/ \/\*\?\*\//, '?'),
      )
      const isList = /…|for each tensor/.test(described?.[3] ?? '')
      return [
        kernel!,
        { buffers: isList ? ('list' as const) : names, ints: structs[ints]!, reals: structs[reals!] ?? [] },
      ]
    }),
  )
}

describe('the table of native kernels', () => {
  const declared = prototypes()

  it('has the kernels of kernels.h, in its order', () => {
    expect(Object.keys(nativeKernels)).toEqual(Object.keys(declared))
    const table = header('kernels.h').split('#define LIMBECK_KERNELS(X)')[1]!
    expect([...table.matchAll(/X\((\w+)\)/g)].map(([, name]) => name)).toEqual(Object.keys(declared))
  })

  it.each(Object.entries(nativeKernels))('passes %s what its prototype takes', (kernel, table) => {
    expect({ ...table }).toEqual(declared[kernel])
  })

  it('has the codes of the enumerations in params.h', () => {
    const enumerations = [...params.matchAll(/enum class (\w+) : int32_t \{([^}]*)\}/g)].map(
      ([, name, body]) => [name!, body!.split(',').map((entry) => /k(\w+)/.exec(entry)![1]!.toLowerCase())],
    )
    const names = (list: object) => Object.keys(list)
    expect(Object.fromEntries(enumerations)).toEqual({
      Dtype: names(codes.dtype),
      Reduction: names(codes.reduction),
      DivergenceForm: ['crossentropy', 'kullbackleibler'],
      Modulator: names(codes.modulator),
      AbsentRegion: names(codes.absent),
      PolyphasePad: names(codes.polyphasePad),
    })
    for (const list of Object.values(codes)) {
      expect(Object.values(list)).toEqual(names(list).map((_, code) => code))
    }
    expect(params).toContain(`kMaxRank = ${MAX_RANK};`)
  })
})
