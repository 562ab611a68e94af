import { ConfigError, z } from '@limbeck/core'

/** Option of sets that publish no patients: where in the name they are to be found. */
export const groupOption = z
  .string()
  .default('^(.*)$')
  .describe(
    "regular expression on an image's name whose first group is the patient or slide; default: each for itself",
  )

/** The group of a name by such an expression. Throws `ConfigError` for one that is wrong or does not match. */
export function groupBy(pattern: string, set: string): (name: string) => string {
  let expression: RegExp
  try {
    expression = new RegExp(pattern)
  } catch (error) {
    throw new ConfigError('config/invalid', `data set "${set}": group is not a regular expression`, {
      received: (error as Error).message,
      cause: error,
    })
  }
  return (name) => {
    const group = expression.exec(name)?.[1]
    if (group !== undefined) return group
    throw new ConfigError('config/invalid', `data set "${set}": group finds none in the name "${name}"`, {
      expected: `a name that ${pattern} matches, with a group in parentheses`,
      received: name,
    })
  }
}
