import { BackendError } from '../errors.ts'
import { environment } from '../platform.ts'
import { tf } from '../tf.ts'
import { installedModule } from './installed-module.ts'

/** A module that knows how to register tfjs backends of its own. */
interface BackendModule {
  /** Registers the backend that was asked for; returns why not when it cannot work here. */
  register(name: string): Promise<string | undefined> | string | undefined
  /** The tfjs name of the backend; only packages that are chosen by their own name (`@me/backend-x`) need it. */
  readonly backendName?: string
}

/**
 * Packages behind the backends that Limbeck names itself. A name with a slash is a package of its own that exports
 * `register` and `backendName`; anything else is taken for a tfjs backend package.
 */
const packages: Readonly<Record<string, string>> = {
  ref: '@limbeck/backend-ref',
  ref64: '@limbeck/backend-ref',
  simd: '@limbeck/backend-simd',
  cuda: '@limbeck/backend-cuda',
  'cuda-emulated': '@limbeck/backend-cuda',
}

/** Order in which `auto` looks. */
const automatic = ['cuda', 'simd', 'ref'] as const

export interface BackendChoice {
  readonly name: string
  /** Who asked: `argument`, `LIMBECK_BACKEND`, `config` or `auto`. */
  readonly because: string
  /** What `auto` tried before, and why it passed on. */
  readonly passedOver: readonly { readonly name: string; readonly reason: string }[]
}

export interface BackendRequest {
  /** Wins over everything. */
  readonly argument?: string | undefined
  /** From the config file; the environment wins over it. */
  readonly config?: string | undefined
}

/**
 * Chooses and starts the backend: argument, then `LIMBECK_BACKEND`, then config, then `auto` (cuda, simd, ref: the
 * first that works). A backend named by anyone never falls back: `BackendError` lists what was tried.
 */
export async function selectBackend({ argument, config }: BackendRequest = {}): Promise<BackendChoice> {
  const variable = environment().LIMBECK_BACKEND
  const [name, because] = argument
    ? [argument, 'argument']
    : variable
      ? [variable, 'LIMBECK_BACKEND']
      : config
        ? [config, 'config']
        : ['auto', 'auto']
  if (name !== 'auto') {
    const reason = await start(name)
    if (reason === undefined) return { name: tf.getBackend(), because, passedOver: [] }
    throw new BackendError(
      'backend/unavailable',
      `${because}=${name}: the backend "${name}" cannot be used`,
      {
        received: reason,
        hint: `use LIMBECK_BACKEND=ref, which needs nothing; known: ${[...Object.keys(packages), 'or a tfjs backend'].join(', ')}`,
      },
    )
  }
  const passedOver: { name: string; reason: string }[] = []
  for (const candidate of automatic) {
    const reason = await start(candidate)
    if (reason === undefined) return { name: candidate, because, passedOver }
    passedOver.push({ name: candidate, reason })
  }
  throw new BackendError('backend/none', 'no backend can be used', {
    received: passedOver.map((tried) => `${tried.name}: ${tried.reason}`).join('; '),
  })
}

/** Registers and activates a backend; the reason when that fails. */
async function start(name: string): Promise<string | undefined> {
  if (tf.findBackendFactory(name) !== null) return activate(name)
  const loaded = await load(name)
  return 'reason' in loaded ? loaded.reason : activate(loaded.backend)
}

async function activate(backend: string): Promise<string | undefined> {
  return (await tf.setBackend(backend)) ? undefined : 'its initialisation failed'
}

/** Imports the package behind a name; the tfjs name of the backend that it registered, or why there is none. */
async function load(name: string): Promise<{ readonly backend: string } | { readonly reason: string }> {
  const own = packages[name] ?? (name.includes('/') ? name : undefined)
  const from = own ?? `@tensorflow/tfjs-backend-${name}`
  try {
    const module = (await importPackage(from)) as Partial<BackendModule>
    const reason = own ? await module.register?.(name) : undefined
    if (reason !== undefined) return { reason }
    const backend = module.backendName ?? name
    return tf.findBackendFactory(backend) ? { backend } : { reason: `${from} does not register "${backend}"` }
  } catch (error) {
    return { reason: isMissing(error) ? `${from} is not installed` : `${from}: ${(error as Error).message}` }
  }
}

const isMissing = (error: unknown): boolean => (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'

async function importPackage(name: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ name)
  } catch (error) {
    const elsewhere = isMissing(error) ? installedModule(name) : undefined
    if (elsewhere === undefined) throw error
    return import(/* @vite-ignore */ elsewhere)
  }
}
