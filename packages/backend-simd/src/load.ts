import { type LoadedAddon, loadAddon } from '@limbeck/native'

/** The addon: `LIMBECK_SIMD_ADDON`, or what `limbeck-build simd` made, or the package for this platform. */
export const loadSimd = (): LoadedAddon =>
  loadAddon({
    variable: 'LIMBECK_SIMD_ADDON',
    builds: [new URL('../build/limbeck_simd.node', import.meta.url)],
    platformPackage: `@limbeck/backend-simd-${process.platform}-${process.arch}`,
    from: import.meta.url,
    hint: 'build it with "npx limbeck-build simd", which needs CMake and a C++17 compiler',
  })
