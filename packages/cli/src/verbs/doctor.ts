import { access, constants } from 'node:fs/promises'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { dirname, resolve } from 'node:path'
import { partA, partAPlus, partB, selectBackend, teacherKernels, tf } from '@limbeck/core'
import { TensorBackend } from '@limbeck/core/kernels'
import { pathExists } from '@limbeck/data'
import { defineCommand } from '../command.ts'
import { errorText } from '../error-text.ts'
import { textTable } from '../text-table.ts'
import { version } from '../version.ts'

/** Backends of our own, best first, and how to get them; `ref` needs nothing and must always work. */
const BACKENDS = [
  { name: 'cuda', remedy: 'for an NVIDIA GPU: npm i @limbeck/backend-cuda && npx limbeck-build cuda' },
  { name: 'simd', remedy: 'native CPU kernels: npm i @limbeck/backend-simd && npx limbeck-build simd' },
  { name: 'ref', remedy: 'npm i @limbeck/backend-ref' },
] as const

const OLDEST_NODE = [20, 19] as const
const GIBIBYTE = 2 ** 30

/** One line of the examination. What is `absent` could be installed; what is `broken` must be mended. */
interface Finding {
  readonly state: 'ok' | 'absent' | 'broken'
  readonly what: string
  readonly detail: string
  readonly remedy?: string
}

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Examines this machine: Node, backends and their kernels, versions, what is missing',
  arguments: [],
  flags: {
    runs: { takes: 'DIR', summary: 'where run directories would lie (default: runs)' },
    json: { summary: 'print JSON' },
  },
  async run({ flags, terminal }) {
    const findings: readonly Finding[] = [
      examineNode(),
      ok('machine', machine()),
      ok('limbeck', `${await version()}, tfjs-core ${tf.version_core}`),
      await examineImages(),
      await examineDirectory(flags.runs ?? 'runs'),
      ...(await examineBackends()),
    ]
    terminal.out(flags.json ? JSON.stringify(findings, null, 2) : asText(findings))
    return findings.some(({ state }) => state === 'broken') ? 1 : 0
  },
})

const ok = (what: string, detail: string): Finding => ({ state: 'ok', what, detail })

function examineNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [oldMajor, oldMinor] = OLDEST_NODE
  const detail = `${process.version}, needs ${oldMajor}.${oldMinor} or newer`
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return ok('node', detail)
  return { state: 'broken', what: 'node', detail, remedy: 'install a newer Node' }
}

const machine = (): string =>
  [
    `${type()} ${release()} ${process.arch}`,
    cpus()[0]?.model.trim() ?? 'unknown processor',
    `${availableParallelism()} cores`,
    `${(totalmem() / GIBIBYTE).toFixed(1)} GiB`,
  ].join(', ')

/** Images are read by sharp, whose binary comes in a package of its own for each platform. */
async function examineImages(): Promise<Finding> {
  try {
    const { default: sharp } = await import('sharp')
    return ok('images', `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`)
  } catch (error) {
    const remedy = 'npm i --include=optional sharp'
    return { state: 'broken', what: 'images', detail: errorText(error), remedy }
  }
}

async function examineDirectory(runs: string): Promise<Finding> {
  const path = resolve(runs)
  const existing = await nearestExisting(path)
  try {
    await access(existing, constants.W_OK)
    return ok('runs', `${path} ${existing === path ? 'is writable' : `can be made in ${existing}`}`)
  } catch {
    const remedy = `check the rights of ${existing}, or give limbeck train --runs DIR`
    return { state: 'broken', what: 'runs', detail: `${existing} is not writable`, remedy }
  }
}

const nearestExisting = async (path: string): Promise<string> =>
  (await pathExists(path)) ? path : nearestExisting(dirname(path))

async function examineBackends(): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name, remedy } of BACKENDS) {
    const what = `backend ${name}`
    try {
      await selectBackend({ argument: name })
      findings.push(ok(what, [...deviceLines(), kernelCoverage(name)].join(', ')))
    } catch (error) {
      const state = name === 'ref' ? 'broken' : 'absent'
      const detail = reason(error)
      // a backend that is there says itself what it lacks
      findings.push({ state, what, detail, ...(detail.endsWith('is not installed') && { remedy }) })
    }
  }
  return findings
}

const reason = (error: unknown): string =>
  (error as { details?: { received?: string } }).details?.received ?? errorText(error)

/** What the active backend tells about its device. */
function deviceLines(): readonly string[] {
  const backend = tf.backend()
  return backend instanceof TensorBackend ? backend.describe().map(([name, value]) => `${name} ${value}`) : []
}

/** How much of the contract a backend has; an absent kernel of ours runs as a composite of plain ones. */
function kernelCoverage(backend: string): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['training', partA],
    ['plugins', partAPlus],
    ['tfjs teachers', teacherKernels],
    ['coarse', partB],
  ]
  return parts
    .map(([part, kernels]) => {
      const absent = kernels.filter((kernel) => !tf.getKernel(kernel, backend))
      const count = `${kernels.length - absent.length}/${kernels.length} ${part}`
      if (absent.length === 0) return count
      return `${count} (${part === 'coarse' ? 'composite' : 'missing'}: ${absent.join(' ')})`
    })
    .join(', ')
}

const MARKS = { ok: 'ok', absent: '–', broken: 'BROKEN' } as const

function asText(findings: readonly Finding[]): string {
  const rows = findings.flatMap(({ state, what, detail, remedy }) => [
    [MARKS[state], what, detail.split('\n')[0]!],
    ...(remedy === undefined ? [] : [['', '', `hint: ${remedy}`]]),
  ])
  return textTable(rows, { align: 'left' })
}
