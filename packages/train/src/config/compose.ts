import { defineMethod, type Registry, type TensorRef, type Term, term, z } from '@limbeck/core'

const ref = z
  .string()
  .regex(/^[\w-]+\../, 'a ref: student.<tap>, teacher.<tap>, batch.labels, …')
  .transform((text) => text as TensorRef)

/**
 * A method written in a config: losses by name, what each reads, its weight. The same terms in every task.
 *
 * `registry` is asked when the recipe is made, so that losses of the config's own plugins are known.
 */
export const composeMethod = (registry: () => Registry) =>
  defineMethod({
    name: 'compose',
    summary: 'Terms written out in the config: losses by name, what they read, their weights.',
    options: {
      terms: z.record(
        z.string(),
        z.strictObject({
          loss: z.string().describe('name of a loss'),
          options: z.record(z.string(), z.unknown()).default({}),
          reads: z
            .record(z.string(), z.union([ref, z.array(ref)]))
            .describe('a ref for each input of the loss'),
          weight: z.number().default(1),
        }),
      ),
    },
    recipe: ({ options }) => ({
      terms: Object.entries(options.terms).map(([name, { loss, options: given, reads, weight }]): Term => {
        const factory = registry().get('losses', loss, `method.options.terms.${name}.loss`)
        return term(name, factory(given), reads as never, weight)
      }),
    }),
  })
