import { type FactoryKind, optionsSchema, type Registry, z } from '@limbeck/core'
import { inferenceSchema } from '../inference/inference-schema.ts'
import { foldsSchema, holdoutSchema } from '../protocols/divide-split.ts'
import { twoStageSchema } from '../two-stage/two-stage-schema.ts'
import { batchSchema } from './batch-schema.ts'
import { averagingSchema, confidenceSchema } from './measure-schema.ts'

/** A part of a run by name, with its options: `{ use: 'unet', options: { width: 8 } }`. */
export interface Choice {
  readonly use: string
  readonly options: Readonly<Record<string, unknown>>
}

const splitNames = z.union([z.string(), z.array(z.string()).min(1)])

const perTask = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)])

/**
 * The schema of an experiment, built from what the registry knows, so that one declaration validates a config,
 * fills in its defaults, and gives editors its JSON schema (`limbeck schema`).
 */
export function experimentSchema(registry: Registry) {
  return z.strictObject({
    $schema: z.string().optional().describe('for editors'),
    name: z
      .string()
      .regex(/^[\w][\w.-]*$/, 'letters, digits, ".", "-" and "_"')
      .describe('names the run directory'),
    directory: z.string().optional().describe("relative paths start here; default: this file's folder"),
    seed: z.int().nonnegative().default(0),
    backend: z.string().optional().describe('ref, simd, cuda, …; LIMBECK_BACKEND wins over it'),
    plugins: z.array(z.string()).default([]).describe('files or packages, relative to this file'),
    data: choice(registry, 'datasets', {
      train: splitNames.default('train').describe('split to train on, several, or "*" for all'),
      validation: splitNames.default('validation').describe('split to measure on, or several'),
      cache: z
        .strictObject({
          memoryMiB: z.int().nonnegative().default(1024).describe('memory for decoded images'),
          diskMiB: z
            .int()
            .nonnegative()
            .default(8192)
            .describe('space for decoded images under LIMBECK_CACHE (default ~/.cache/limbeck); 0: none'),
        })
        .prefault({}),
    }),
    protocol: z
      .strictObject({
        tasks: z
          .union([z.string(), z.array(z.array(z.string()))])
          .default('all')
          .describe('"all", "3-1", or lists of class names'),
        order: z
          .array(z.string())
          .optional()
          .describe('all foreground classes, in the order in which they come'),
        setting: z.enum(['overlapped', 'disjoint', 'sequential']).default('overlapped'),
        labelled: z
          .number()
          .positive()
          .max(1)
          .default(1)
          .describe('share of the training images that keep their labels (semi-supervised methods)'),
        futureAs: z.enum(['ignore', 'background']).default('ignore'),
        folds: foldsSchema.optional().describe('cross-validation on the training images'),
        holdout: holdoutSchema.optional().describe('validate on a share of the training images'),
      })
      .prefault({}),
    student: choice(registry, 'models', {
      encoderWeights: z
        .string()
        .optional()
        .describe('a .safetensors file of PyTorch or a checkpoint, whose encoder the student starts with'),
    }),
    startFrom: z.string().optional().describe('a checkpoint that takes the place of training the first task'),
    teacher: z.string().optional().describe('a checkpoint to distil from at the first task'),
    teachers: z
      .record(z.string(), z.string())
      .default({})
      .describe('more checkpoints, read as teachers.<name>.<tap>'),
    method: choice(registry, 'methods'),
    batch: batchSchema.prefault({}),
    epochs: perTask(z.int().positive()).default(10).describe('one number, or one a task'),
    stepsPerEpoch: z.int().positive().optional().describe('default: one pass over the images'),
    optimizer: z
      .strictObject({
        use: z.enum(['sgd', 'adam', 'adamw']).default('adamw'),
        learningRate: perTask(z.number().positive()).default(1e-3).describe('one number, or one a task'),
        weightDecay: z.number().nonnegative().default(1e-4),
        momentum: z.number().min(0).max(1).default(0.9).describe('sgd only'),
        nesterov: z.boolean().default(true).describe('sgd only'),
        clipNorm: z.number().positive().optional(),
      })
      .prefault({}),
    schedule: choice(registry, 'schedules').prefault({ use: 'poly' } as never),
    evaluateEvery: z.int().positive().default(1).describe('epochs between two looks at the validation split'),
    logEvery: z.int().positive().default(10).describe('steps between two read-backs of the loss'),
    samples: z.int().nonnegative().default(4).describe('validation images to picture after each task'),
    predictions: z
      .boolean()
      .default(false)
      .describe('write what the last model of a task says of every validation image'),
    twoStage: twoStageSchema
      .optional()
      .describe('train a second network that tells foreground from background, and reuse its background'),
    inference: inferenceSchema.prefault({}),
    metrics: z
      .array(choice(registry, 'metrics', { as: z.string().optional().describe('its name in results') }))
      .default([])
      .describe('metrics of objects and borders, and those of plugins, besides the usual ones'),
    averaging: averagingSchema,
    confidence: confidenceSchema
      .optional()
      .describe('bounds of the results: bootstrap over the validation images'),
    callbacks: z.array(choice(registry, 'callbacks')).default([]),
  })
}

export type ExperimentConfig = z.output<ReturnType<typeof experimentSchema>>
export type ExperimentConfigIn = z.input<ReturnType<typeof experimentSchema>>

/** Gives a config in a `.ts` file its type. */
export const defineConfig = (config: ExperimentConfigIn): ExperimentConfigIn => config

/** The value for a task of a setting that may be given once or per task; the last one holds for the rest. */
export const forTask = <T>(value: T | readonly T[], task: number): T =>
  Array.isArray(value) ? value[Math.min(task, value.length - 1)] : (value as T)

type NothingBeside = Record<never, z.ZodType>

/** One of a registry's factories with its options, and what else belongs beside it. */
function choice<S extends z.ZodRawShape = NothingBeside>(registry: Registry, kind: FactoryKind, beside?: S) {
  const choices = [...registry.list(kind)].flatMap(({ plugin, factory: { spec } }) =>
    [spec.name, `${plugin}/${spec.name}`].map((name) =>
      z.strictObject({
        use: z.literal(name),
        options: optionsSchema(spec.options, 'presets' in spec ? spec.presets : undefined).prefault(
          {} as never,
        ),
        ...beside,
      }),
    ),
  )
  type In = { readonly use: string; readonly options?: Readonly<Record<string, unknown>> } & z.input<
    z.ZodObject<S>
  >
  const schema: unknown = z.discriminatedUnion('use', choices as never)
  return schema as z.ZodType<Choice & z.output<z.ZodObject<S>>, In>
}
