import { type LoadedAddon, loadAddon } from '@limbeck/native'

/** `cuda`: on an NVIDIA GPU. `cuda-emulated`: the same kernels on the processor, slowly, to test them. */
export type CudaBackend = 'cuda' | 'cuda-emulated'

const places = {
  cuda: {
    variable: 'LIMBECK_CUDA_ADDON',
    directory: 'cuda',
    hint: 'build it with "npx limbeck-build cuda", which needs CMake and nvcc (CUDA 12.8 or later), and a driver that supports that CUDA',
  },
  'cuda-emulated': {
    variable: 'LIMBECK_CUDA_EMULATED_ADDON',
    directory: 'emulated',
    hint: 'build it with "npx limbeck-build emulated", which needs CMake and a C++17 compiler on x86-64',
  },
} as const

/** The addon of a backend: the variable's, or what the build made, or the package for this platform. */
export function loadCuda(backend: CudaBackend): LoadedAddon {
  const { variable, directory, hint } = places[backend]
  return loadAddon({
    variable,
    builds: [new URL(`../build/${directory}/limbeck_cuda.node`, import.meta.url)],
    platformPackage: `@limbeck/backend-${backend}-${process.platform}-${process.arch}`,
    from: import.meta.url,
    hint,
  })
}
