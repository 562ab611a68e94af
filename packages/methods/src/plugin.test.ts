import { optionsSchema, z } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { methodsPlugin } from './plugin.ts'

describe.each(methodsPlugin.methods!.map((create) => [create.spec.name, create] as const))(
  '%s',
  (_, create) => {
    it('shows every value that it runs with in its options', () => {
      const { options } = create()
      expect(create(options).options).toEqual(options)
    })

    it('refuses an option that it does not have', () => {
      expect(() => create({ nonesuch: 1 })).toThrow('Unrecognized key: "nonesuch"')
    })

    it('describes its options as a JSON schema', () => {
      expect(() => z.toJSONSchema(optionsSchema(create.spec.options), { io: 'input' })).not.toThrow()
    })
  },
)

const presets = methodsPlugin.methods!.flatMap((create) => {
  const { preset } = create.spec.options
  if (!preset) return []
  const names = z.toJSONSchema(preset, { io: 'input' }).enum as string[]
  return [[create.spec.name, names, create] as const]
})

describe.each(presets)('%s, presets', (_, names, create) => {
  const sets = create.spec.presets ?? {}

  it('are all named by the option, the first of them being its defaults', () => {
    expect(Object.keys(sets)).toEqual(names.slice(1))
    expect(create()).toEqual(create({ preset: names[0] }))
  })

  it.each(names)('%s gives defaults, shown in the options, and never overrides what is given', (preset) => {
    const { options } = create({ preset })
    expect(options).toMatchObject({ preset, ...sets[preset] })
    const given = { ...create().options, preset }
    expect(create(given).options).toEqual(given)
  })
})
