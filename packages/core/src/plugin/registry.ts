import { ConfigError, unknownName } from '../errors.ts'
import type { Plugin } from './plugin.ts'

/** The lists of a plugin that hold named factories. */
export type FactoryKind = Exclude<keyof Plugin, 'name'>
type Factory<K extends FactoryKind> = NonNullable<Plugin[K]>[number]

export interface Entry<K extends FactoryKind> {
  readonly plugin: string
  readonly factory: Factory<K>
}

const singular: Readonly<Record<FactoryKind, string>> = {
  losses: 'loss',
  methods: 'method',
  models: 'model',
  datasets: 'data set',
  metrics: 'metric',
  callbacks: 'callback',
  schedules: 'schedule',
}

/**
 * Everything that a run can name. Built from plugins, in order; two plugins may not give the same name in the same
 * list. A name may be qualified: `my-lab/attention-transfer`.
 */
export class Registry {
  readonly #entries = new Map<string, Entry<FactoryKind>>()

  constructor(plugins: readonly Plugin[]) {
    for (const plugin of plugins) this.#add(plugin)
  }

  /** The factory of that name; throws `UnknownNameError` with what exists and the nearest name. */
  get<K extends FactoryKind>(kind: K, name: string, where = 'registry'): Factory<K> {
    // a plugin may bear a package's name, which has a slash of its own: @my/lab
    const slash = name.lastIndexOf('/')
    const plugin = slash < 0 ? undefined : name.slice(0, slash)
    const short = name.slice(slash + 1)
    const entry = this.#entries.get(`${kind}:${short}`)
    if (entry && (plugin === undefined || entry.plugin === plugin)) return entry.factory as Factory<K>
    throw unknownName(
      'registry/unknown',
      `${where}: no ${singular[kind]} is named "${name}"`,
      name,
      this.names(kind),
    )
  }

  /** Names of one list, sorted. */
  names(kind: FactoryKind): string[] {
    return [...this.list(kind)].map(({ factory }) => factory.spec.name).sort()
  }

  /** All entries of one list. */
  *list<K extends FactoryKind>(kind: K): Generator<Entry<K>> {
    for (const [key, entry] of this.#entries) if (key.startsWith(`${kind}:`)) yield entry as Entry<K>
  }

  #add(plugin: Plugin): void {
    for (const kind of Object.keys(singular) as FactoryKind[]) {
      for (const factory of plugin[kind] ?? []) {
        const key = `${kind}:${factory.spec.name}`
        const taken = this.#entries.get(key)
        if (taken && taken.factory !== factory) {
          throw new ConfigError(
            'registry/duplicate',
            `plugin "${plugin.name}" adds the ${singular[kind]} "${factory.spec.name}", which plugin "${taken.plugin}" has`,
            { hint: 'rename one of them, or leave one plugin out' },
          )
        }
        this.#entries.set(key, { plugin: plugin.name, factory })
      }
    }
  }
}
