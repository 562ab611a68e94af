/**
 * Makes the package with a prebuilt addon for the platform that this runs on, ready for `npm publish`:
 * `npm run package:native -- simd|cuda|emulated [--addon FILE] [--out DIR]`. See docs/releasing.md.
 *
 * Builds the addon unless a file is given. On Linux the addon must run where the C library is as old as below; what it
 * asks for is printed.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { newerThan, symbolVersions } from './symbol-versions.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where each addon is built, and what is said of its package. */
const targets = {
  simd: {
    backend: 'backend-simd',
    package: '@limbeck/backend-simd',
    built: 'build/limbeck_simd.node',
    summary: 'native kernels for processors',
    notice: [],
  },
  cuda: {
    backend: 'backend-cuda',
    package: '@limbeck/backend-cuda',
    built: 'build/cuda/limbeck_cuda.node',
    summary: 'native kernels for NVIDIA GPUs of compute capability 8.0 and later',
    notice: [
      'The addon holds the CUDA runtime, linked statically (libcudart_static, © NVIDIA Corporation), which is distributed',
      "under NVIDIA's CUDA Toolkit End User License Agreement: https://docs.nvidia.com/cuda/eula/.",
    ],
  },
  emulated: {
    backend: 'backend-cuda',
    package: '@limbeck/backend-cuda-emulated',
    built: 'build/emulated/limbeck_cuda.node',
    summary: 'the CUDA kernels, emulated on the processor, for tests',
    notice: [],
  },
}

/**
 * The newest that an addon may ask of a system: of the C library what RHEL 9, Ubuntu 22.04 and Debian 12 have, of the C++
 * library, which it should bring, what Node itself asks for.
 */
const NEWEST = { GLIBC: '2.34', GLIBCXX: '3.4.21', CXXABI: '1.3.9' }

/** Code for each generation of GPUs since 8.0, and PTX of the newest for those to come, as in CMakeLists.txt. */
const ARCHITECTURES = '80-real;90-real;100-real;100-virtual'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { addon: { type: 'string' }, out: { type: 'string' } },
})
const target = Object.hasOwn(targets, positionals[0] ?? '') ? targets[positionals[0]] : undefined
if (!target) refuse(`expected one of ${Object.keys(targets).join(', ')}, received ${positionals[0]}`, 2)

const backend = join(root, 'packages', target.backend)
const addon = values.addon === undefined ? build() : resolve(values.addon)
const { version, license, engines } = JSON.parse(readFileSync(join(backend, 'package.json'), 'utf8'))
const name = `${target.package}-${process.platform}-${process.arch}`
const directory = resolve(values.out ?? join(backend, 'build/platform'), basename(name))
const file = basename(target.built)

rmSync(directory, { recursive: true, force: true })
mkdirSync(directory, { recursive: true })
cpSync(addon, join(directory, file))
run('strip', process.platform === 'darwin' ? '-x' : '--strip-unneeded', join(directory, file))
cpSync(join(root, 'LICENSE'), join(directory, 'LICENSE'))
const manifest = {
  name,
  version,
  description: `Prebuilt for ${process.platform}-${process.arch}: ${target.summary}. ${target.package} loads it.`,
  license,
  os: [process.platform],
  cpu: [process.arch],
  ...(process.platform === 'linux' && { libc: ['glibc'] }),
  engines,
  main: file,
  files: [file],
  preferUnplugged: true,
}
writeFileSync(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
const needs = process.platform === 'linux' ? examine(join(directory, file)) : []
writeFileSync(join(directory, 'README.md'), readme(needs))

const [packed] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--loglevel=error', directory))
const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(2)} MiB`
console.log(`${name} ${version} in ${directory}`)
console.log(`addon ${mebibytes(statSync(join(directory, file)).size)}, package ${mebibytes(packed.size)}`)
if (needs.length > 0) console.log(`needs ${needs.join('; ')}`)

/** Builds the addon where its package lies; its path. */
function build() {
  const program = join(root, 'packages/native/bin/build-addon.mjs')
  run(process.execPath, program, positionals[0], '--portable')
  if (positionals[0] === 'cuda') {
    const cache = readFileSync(join(backend, 'build/cuda/CMakeCache.txt'), 'utf8')
    // CMake keeps what somebody chose, such as `native`, and nothing where it is the list of CMakeLists.txt
    const chosen = /^CMAKE_CUDA_ARCHITECTURES:\w+=(.*)$/m.exec(cache)?.[1]
    if (chosen !== undefined && chosen !== ARCHITECTURES) {
      refuse(`build/cuda is built for ${chosen}, not for ${ARCHITECTURES}: remove it and try again`)
    }
  }
  return join(backend, target.built)
}

/** What the addon asks of a system, in lines; ends the program where that is too much. */
function examine(path) {
  const versions = symbolVersions(run('objdump', '-T', path))
  const libraries = [...run('objdump', '-p', path).matchAll(/NEEDED\s+(\S+)/g)].map(([, library]) => library)
  const foreign = libraries.filter(
    (library) => !/^(lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s)\.so|ld-linux)/.test(library),
  )
  if (foreign.length > 0) refuse(`${path} needs ${foreign.join(', ')}, which a system may lack`)
  for (const [library, newest] of Object.entries(NEWEST)) {
    const asked = versions[library]
    if (asked && newerThan(asked, newest)) {
      refuse(
        `${path} needs ${library}_${asked}; build it where there is none newer than ${library}_${newest}`,
      )
    }
  }
  return [
    Object.keys(NEWEST)
      .flatMap((library) => (versions[library] ? [`${library}_${versions[library]}`] : []))
      .join(', '),
    libraries.join(', '),
  ]
}

function readme(needs) {
  return [
    `# ${name}`,
    '',
    `Prebuilt for ${process.platform}-${process.arch}: ${target.summary}, for [Limbeck](https://www.npmjs.com/package/limbeck).`,
    `Install \`${target.package.replace('-emulated', '')}\`, which loads it; nothing here is for use by itself.`,
    ...(needs.length > 0 ? ['', `It needs ${needs.join('; ')}.`] : []),
    ...(target.notice.length > 0 ? ['', ...target.notice] : []),
    '',
  ].join('\n')
}

function run(command, ...args) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
    })
  } catch (error) {
    return refuse(error.code === 'ENOENT' ? `${command} is not installed` : `${command} failed`)
  }
}

function refuse(reason, code = 1) {
  console.error(`package-native: ${reason}`)
  process.exit(code)
}
