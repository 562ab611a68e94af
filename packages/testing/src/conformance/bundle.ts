import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** Whose gradients the specs exercise: tfjs's own, or those of `@limbeck/core`. */
export type GradientSet = 'stock' | 'limbeck'

/**
 * The module that makes a backend known, and the function of it to call with the backend's name, if importing it is not
 * enough.
 */
export interface BackendModule {
  readonly module: string
  readonly register?: string
}

/** Bundles tfjs-core's specs, a backend and a set of gradients into one CommonJS file that needs no other. */
export async function bundleSuite(
  name: string,
  backend: BackendModule,
  gradients: GradientSet,
  outfile: string,
): Promise<void> {
  await build({
    stdin: { contents: entry(name, backend, gradients), resolveDir: here, loader: 'js' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    conditions: ['@limbeck/source'],
    // one copy of tfjs-core (dist/*.js) for the specs, jasmine_util and the backend
    mainFields: ['module', 'main'],
    // its "sideEffects" would drop the imports that define the specs
    ignoreAnnotations: true,
    external: ['node-fetch', '*.node'],
    plugins: [jasmineUtilStub, jasmineAlone, ownLocations],
    logLevel: 'error',
  })
}

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

function entry(name: string, { module, register }: BackendModule, gradients: GradientSet): string {
  return [
    `import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops'`,
    // ours stand before tfjs's, which are there for kernels that the contract does not know
    `import '@tensorflow/tfjs-core/dist/register_all_gradients'`,
    `import * as gradients from ${JSON.stringify(ownGradients())}`,
    `import * as backend from ${JSON.stringify(module)}`,
    `import { serve } from ${JSON.stringify(join(here, `suite${extension}`))}`,
    gradients === 'limbeck' ? 'gradients.putInForce()' : '',
    `serve(() => ${register ? `backend.${register}(${JSON.stringify(name)})` : 'void backend'})`,
  ].join('\n')
}

/** This package runs from its sources in tests and from `dist` elsewhere. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** Core keeps its gradient table to itself; the specs need it in force throughout. */
function ownGradients(): string {
  const manifest = require.resolve('@limbeck/core/package.json')
  return join(dirname(manifest), 'src/gradients/install.ts')
}

/** tfjs's jasmine_util sets a timeout on a private copy of jasmine-core, by a path that is no longer exported. */
const jasmineUtilStub: Plugin = {
  name: 'jasmine-util-stub',
  setup(build) {
    build.onResolve({ filter: /^jasmine-core\// }, ({ path }) => ({ path, namespace: 'jasmine-util-stub' }))
    build.onLoad({ filter: /.*/, namespace: 'jasmine-util-stub' }, () => ({
      contents: 'exports.core = () => ({})',
    }))
  },
}

/** jasmine-core lists its files for browsers, which are not beside the bundle. */
const jasmineAlone: Plugin = {
  name: 'jasmine-alone',
  setup(build) {
    build.onLoad({ filter: /[\\/]jasmine-core[\\/]lib[\\/]jasmine-core\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace('fs.readdirSync(rootPath)', '[]'),
    }))
  },
}

/** Modules of Limbeck that look for files beside themselves (addons) find them from inside the bundle too. */
const ownLocations: Plugin = {
  name: 'own-locations',
  setup(build) {
    build.onLoad({ filter: /[\\/](backend-\w+|native)[\\/](src|dist)[\\/].*\.[jt]s$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: path.endsWith('.ts') ? 'ts' : 'js',
    }))
  },
}
