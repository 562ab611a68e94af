import {
  type Kind,
  type Kinds,
  optionsSchema,
  type Presets,
  type Registry,
  unknownName,
  z,
} from '@limbeck/core'
import { createRegistry } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { KINDS } from '../kinds.ts'
import { loadPlugins, pluginFlag } from '../plugins.ts'
import { textTable } from '../text-table.ts'

export const explain = defineCommand({
  name: 'explain',
  summary: 'Tells what a loss, method, model or data set does and which options it takes',
  arguments: [{ name: 'NAME', summary: 'as limbeck list shows it' }],
  flags: { plugin: pluginFlag },
  async run({ args, flags, terminal }) {
    const registry = createRegistry(await loadPlugins(flags.plugin))
    terminal.out(find(registry, args[0]!).map(describe).join('\n\n'))
    return 0
  },
})

/** What all descriptions have, and what only some do. */
interface Spec {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly options: z.ZodRawShape
  /** Only losses. */
  readonly inputs?: Kinds
  /** Only methods. */
  readonly presets?: Presets
}

interface Found {
  readonly kind: string
  readonly plugin: string
  readonly spec: Spec
}

/** Everything of that name: a loss and a method may share one. */
function find(registry: Registry, given: string): Found[] {
  const all = KINDS.flatMap(({ kind, singular }) =>
    [...registry.list(kind)].map(({ plugin, factory }) => ({
      kind: singular,
      plugin,
      spec: factory.spec as unknown as Spec,
    })),
  )
  const found = all.filter(({ plugin, spec: { name } }) => given === name || given === `${plugin}/${name}`)
  if (found.length > 0) return found
  const names = new Set(all.map(({ spec }) => spec.name))
  throw unknownName('usage/unknown-name', `limbeck explain: nothing is named "${given}"`, given, names)
}

function describe({ kind, plugin, spec }: Found): string {
  const inputs = Object.entries(spec.inputs ?? {}).map(([name, input]) => [name, describeInput(input)])
  const options = describeOptions(spec.options)
  return [
    `${spec.name}, a ${kind} of ${plugin}`,
    spec.summary,
    ...(spec.paper ? [spec.paper] : []),
    ...(inputs.length > 0 ? ['', 'reads', textTable(inputs, { align: 'left', indent: 2 })] : []),
    ...(options.length > 0 ? ['', 'options', textTable(options, { align: 'left', indent: 2 })] : []),
    ...(spec.presets ? ['', 'presets', textTable(comparePresets(spec), { align: 'left', indent: 2 })] : []),
  ].join('\n')
}

/** A column per preset, a row per option in which they differ. */
function comparePresets({ options, presets = {} }: Spec): string[][] {
  const names = (jsonSchema(options).properties?.preset?.enum ?? []) as string[]
  const differing = new Set(Object.values(presets).flatMap((preset) => Object.keys(preset)))
  const columns = names.map((preset) => optionsSchema(options, presets).parse({ preset }))
  return [
    ['', ...names],
    ...[...differing].map((option) => [option, ...columns.map((column) => JSON.stringify(column[option]))]),
  ]
}

function describeInput({ kind, element, like, over, target, isOptional }: Kind): string {
  return [
    element ? `${kind} of ${element.kind}` : kind,
    ...(like ? [`shaped as ${like}`] : []),
    ...(over ? [`over the pixels of ${over}`] : []),
    ...(target ? ['target: receives no gradient'] : []),
    ...(isOptional ? ['optional'] : []),
  ].join(', ')
}

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
}

function describeOptions(options: z.ZodRawShape): string[][] {
  const { properties = {}, required = [] } = jsonSchema(options)
  return Object.entries(properties).map(([name, option]) => [
    name,
    defaultOf(option, required.includes(name)),
    [...(option.description ? [option.description] : []), typeOf(option)].join('; '),
  ])
}

const jsonSchema = (options: z.ZodRawShape): JsonSchema =>
  z.toJSONSchema(optionsSchema(options), { io: 'input', unrepresentable: 'any' }) as JsonSchema

function defaultOf(option: JsonSchema, required: boolean): string {
  if (required) return 'required'
  return option.default === undefined ? 'optional' : `default ${JSON.stringify(option.default)}`
}

function typeOf({ type, enum: values, const: value, items, anyOf }: JsonSchema): string {
  if (values) return values.map((one) => JSON.stringify(one)).join(' | ')
  if (value !== undefined) return JSON.stringify(value)
  if (anyOf) return anyOf.map(typeOf).join(' | ')
  if (type === 'array') return items ? `list of ${typeOf(items)}` : 'list'
  return type ?? 'anything'
}
