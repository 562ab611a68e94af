import {
  gzip,
  hdf5,
  mat,
  nifti,
  niftiCompressed,
  npy,
  npyRows,
  npyText,
  safetensors,
} from './array-targets.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { bmp, jpeg, lzw, mask, png, tiff } from './image-targets.ts'
import { aperioXml, coco, csv, groups, manifest, nuclsTable, runLengths, splits } from './text-targets.ts'

/** Everything that reads bytes which others wrote. */
export const fuzzTargets: readonly FuzzTarget[] = [
  npy,
  npyText,
  npyRows,
  mat,
  nifti,
  niftiCompressed,
  gzip,
  hdf5,
  safetensors,
  png,
  mask,
  jpeg,
  bmp,
  tiff,
  lzw,
  aperioXml,
  coco,
  runLengths,
  csv,
  nuclsTable,
  manifest,
  splits,
  groups,
]
