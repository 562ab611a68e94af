import { definePlugin } from '@limbeck/core'
import { folder } from './folder/folder.ts'
import { acdc } from './sets/acdc.ts'
import { coco } from './sets/coco.ts'
import { dsb } from './sets/dsb.ts'
import { monusac } from './sets/monusac.ts'
import { niftiSlices } from './sets/nifti-slices.ts'
import { syntheticNuclei } from './synthetic/synthetic-nuclei.ts'

/** The built-in data sets. */
export const dataPlugin = definePlugin({
  name: 'data',
  datasets: [folder, syntheticNuclei, monusac, coco, dsb, acdc, niftiSlices],
})
