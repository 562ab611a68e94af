import { DataError, IGNORE_LABEL } from '@limbeck/core'
import type { Decoded } from '../formats/image.ts'

/** Code of what lies in the field of view and in no nucleus. */
const FIELD_OF_VIEW = 253
/** Code of what lies beyond it: nobody annotated that, but for nuclei that reach out of the field. */
const OUTSIDE = 0
/** How far an object may reach beyond its annotation, in pixels: coordinates were rounded. */
const TOLERANCE = 1

/** Nuclei in a mask times rows in its table: ten times what the most crowded field of view may have. */
const MOST_PAIRS = 2 ** 22

/** A rectangle of pixels; `right` and `bottom` are behind the last ones. */
export interface Extent {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** A nucleus of the table that goes with a mask. */
export interface NuclsAnnotation extends Extent {
  /** Whether its outline was drawn; else it is known by its box alone, which the mask shows filled. */
  readonly outlined: boolean
}

/** A nucleus in a mask; its extent is that of what others leave visible of it. */
interface NuclsObject extends Extent {
  readonly label: number
}

/**
 * Class labels and nuclei of a NuCLS mask, RGB: the first channel is the class's code, the other two tell nuclei apart.
 * `labelOf` gives the class of each code. Pixels outside the field of view are ignored, and so are ambiguous nuclei;
 * with `annotations`, nuclei without an outline too. Throws `DataError` that begins with `where` for other codes.
 *
 * The publishers number nuclei by the product of the second and the third channel. Two products may be equal (1 · 6
 * and 2 · 3, from 255 nuclei on); pairs are not, so that nuclei are told apart by those here.
 */
export function readNuclsMask(
  { data, width, height }: Decoded,
  {
    labelOf,
    annotations,
    where,
  }: {
    readonly labelOf: ReadonlyMap<number, number>
    readonly annotations?: readonly NuclsAnnotation[] | undefined
    readonly where: string
  },
): { readonly labels: Uint8Array; readonly instances: Int32Array } {
  const labels = new Uint8Array(width * height)
  const owner = new Int32Array(width * height)
  const objects: { -readonly [Key in keyof NuclsObject]: NuclsObject[Key] }[] = []
  const indexOf = new Map<number, number>()
  for (let at = 0; at < labels.length; at++) {
    const code = data[3 * at]!
    if (code === FIELD_OF_VIEW) continue
    if (code === OUTSIDE) {
      labels[at] = IGNORE_LABEL
      continue
    }
    const row = Math.floor(at / width)
    const column = at % width
    const label = labelOf.get(code) ?? refuse(code, { row, column, labelOf, where })
    const pair = (data[3 * at + 1]! << 8) | data[3 * at + 2]!
    const known = indexOf.get(pair)
    const object = known === undefined ? undefined : objects[known]!
    if (object) {
      object.left = Math.min(object.left, column)
      object.right = Math.max(object.right, column + 1)
      object.bottom = row + 1
    } else {
      indexOf.set(pair, objects.length)
      objects.push({ label, left: column, top: row, right: column + 1, bottom: row + 1 })
    }
    labels[at] = label
    owner[at] = 1 + (known ?? objects.length - 1)
  }
  if (annotations && objects.length * annotations.length > MOST_PAIRS) {
    throw new DataError('data/object-count', `${where}: too many nuclei for a field of view`, {
      received: `${objects.length} in the mask, ${annotations.length} in its table`,
    })
  }
  const outlined = annotations && outlinedOf(objects, annotations)
  const shown = objects.map(({ label }, index) => label !== IGNORE_LABEL && (outlined?.has(index) ?? true))
  return {
    labels: labels.map((label, at) => (owner[at] === 0 || shown[owner[at]! - 1] ? label : IGNORE_LABEL)),
    instances: owner.map((nucleus) => (nucleus > 0 && shown[nucleus - 1] ? nucleus : 0)),
  }
}

/**
 * The objects whose annotation has an outline. Masks do not say which row of the table an object is: each takes the
 * row whose box is nearest to what is visible of it and contains that, nearest pairs first. An object without a row is
 * not known to have an outline.
 */
function outlinedOf(
  objects: readonly Extent[],
  annotations: readonly NuclsAnnotation[],
): ReadonlySet<number> {
  const pairs = objects.flatMap((object, index) =>
    annotations
      .filter((annotation) => contains(annotation, object))
      .map((annotation) => ({ index, annotation, distance: distanceOf(annotation, object) })),
  )
  const taken = new Set<NuclsAnnotation>()
  const decided = new Set<number>()
  const outlined = new Set<number>()
  for (const { index, annotation } of pairs.sort((a, b) => a.distance - b.distance)) {
    if (taken.has(annotation) || decided.has(index)) continue
    taken.add(annotation)
    decided.add(index)
    if (annotation.outlined) outlined.add(index)
  }
  return outlined
}

const contains = (outer: Extent, inner: Extent): boolean =>
  outer.left <= inner.left + TOLERANCE &&
  outer.top <= inner.top + TOLERANCE &&
  outer.right >= inner.right - TOLERANCE &&
  outer.bottom >= inner.bottom - TOLERANCE

const distanceOf = (a: Extent, b: Extent): number =>
  Math.abs(a.left - b.left) +
  Math.abs(a.top - b.top) +
  Math.abs(a.right - b.right) +
  Math.abs(a.bottom - b.bottom)

function refuse(
  code: number,
  at: {
    readonly row: number
    readonly column: number
    readonly labelOf: ReadonlyMap<number, number>
    readonly where: string
  },
): never {
  throw new DataError('data/unknown-class', `${at.where}: unknown code ${code} in the first channel`, {
    expected: `${OUTSIDE}, ${FIELD_OF_VIEW} or one of ${[...at.labelOf.keys()].sort((a, b) => a - b).join(', ')}`,
    received: `${code}, first at row ${at.row}, column ${at.column}`,
  })
}
