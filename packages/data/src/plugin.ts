import { definePlugin } from '@limbeck/core'
import { folder } from './folder/folder.ts'
import { syntheticNuclei } from './synthetic/synthetic-nuclei.ts'

/** The built-in data sets. */
export const dataPlugin = definePlugin({ name: 'data', datasets: [folder, syntheticNuclei] })
