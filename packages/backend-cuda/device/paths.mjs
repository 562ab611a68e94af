/** Where things lie on the machine that run.sh works on, and which device it works for. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const source = join(root, 'packages/backend-cuda')
const device = process.env.DEVICE ?? 'cuda'
/** Beside the pack, which a later call brings anew. */
const build = join(source, 'build', `device-${device}`)

export const paths = {
  root,
  source,
  device,
  backend: device === 'cuda' ? 'cuda' : 'cuda-emulated',
  pack: join(source, 'build/device'),
  programs: join(source, 'build/device/js'),
  build,
  addon: join(build, 'limbeck_cuda.node'),
  nativeTests: join(build, 'cuda_test'),
  reporter: fileURLToPath(new URL('line-reporter.mjs', import.meta.url)),
}

/** What tells Limbeck where the addon is. */
export const variables = {
  [device === 'cuda' ? 'LIMBECK_CUDA_ADDON' : 'LIMBECK_CUDA_EMULATED_ADDON']: paths.addon,
}
