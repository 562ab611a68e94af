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
