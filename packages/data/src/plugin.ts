import { definePlugin } from '@limbeck/core'
import { folder } from './folder/folder.ts'
import { acdc } from './sets/acdc.ts'
import { coco } from './sets/coco.ts'
import { conic } from './sets/conic.ts'
import { consep } from './sets/consep.ts'
import { dsb } from './sets/dsb.ts'
import { instanceMaps } from './sets/instance-maps.ts'
import { lizard } from './sets/lizard.ts'
import { monusac } from './sets/monusac.ts'
import { niftiSlices } from './sets/nifti-slices.ts'
import { nucls } from './sets/nucls.ts'
import { pannuke } from './sets/pannuke.ts'
import { syntheticNuclei } from './synthetic/synthetic-nuclei.ts'

/** The built-in data sets. */
export const dataPlugin = definePlugin({
  name: 'data',
  datasets: [
    folder,
    syntheticNuclei,
    conic,
    consep,
    lizard,
    pannuke,
    monusac,
    nucls,
    instanceMaps,
    coco,
    dsb,
    acdc,
    niftiSlices,
  ],
})
