import { optionsSchema, z } from '@limbeck/core'
import { type Check, check, fail } from './check.ts'

/** What every part of a plugin says about itself. */
export interface Description {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly options: z.ZodRawShape
}

const JSON_SCHEMA = { io: 'input', unrepresentable: 'any' } as const
const described = (option: boolean | { readonly description?: string | undefined }): boolean =>
  typeof option === 'object' && !!option.description

const STRANGER = 'noSuchOption'

/** Documentation fields, and options that refuse what they do not know. */
export const checkDescription = (subject: string, spec: Description): Promise<Check[]> =>
  Promise.all([
    check(subject, 'is documented', () => {
      const { name, summary, paper } = spec
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) fail('a name in kebab-case', `"${name}"`)
      if (!/^[A-Z].*\.$/s.test(summary)) fail('a summary that is a sentence', `"${summary}"`)
      if (paper !== undefined && !URL.canParse(paper)) fail('paper: a URL', `"${paper}"`)
      return undefined
    }),
    check(subject, 'tells what each option does', () => {
      const { properties = {} } = z.toJSONSchema(z.object(spec.options), JSON_SCHEMA)
      const silent = Object.entries(properties).filter(([, option]) => !described(option))
      if (silent.length > 0) {
        fail("options that end in .describe('what it does')", silent.map(([name]) => name).join(', '))
      }
      return undefined
    }),
    check(subject, 'refuses unknown options', () => {
      const { error } = optionsSchema(spec.options).safeParse({ [STRANGER]: 1 })
      const refused = error?.issues.some(({ code }) => code === 'unrecognized_keys')
      if (!refused) fail('an error on an option that does not exist', 'none')
      return undefined
    }),
  ])
