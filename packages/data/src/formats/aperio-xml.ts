import { FormatError } from '@limbeck/core'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import type { Polygon } from './fill-polygon.ts'

/** Annotations, Annotation, Regions, Region, Vertices, Vertex: six levels; a few more for what tools add. */
const DEEPEST = 32
/** The text is handed over in pieces so that an error ends the work early. */
const PIECE = 2 ** 20

/** The regions of one layer of an Aperio annotation (ImageScope's XML). */
export interface AperioAnnotation {
  /** The layer's name: that of its first attribute, as MoNuSAC writes it, or else the annotation's own. */
  readonly name: string
  /** Outlines in the order of the file, in pixels of the full resolution. */
  readonly regions: readonly Polygon[]
}

/**
 * Reads Aperio's annotation XML: `Annotation > (Attributes > Attribute) (Regions > Region > Vertices > Vertex)`.
 * Entities other than XML's five are errors, so nothing expands; nesting is bounded, and a region needs one vertex at
 * least. `where` begins the message of the `FormatError`s.
 */
export function parseAperioXml(text: string, where: string): AperioAnnotation[] {
  const annotations: { name: string; regions: { xs: number[]; ys: number[] }[] }[] = []
  const path: string[] = []
  /** No attribute of the annotation that is open has named it yet. */
  let nameless = true
  const parser = new SaxesParser()
  const refuse = (what: string) =>
    new FormatError('xml/syntax', `${where}: ${what}`, {
      received: `line ${parser.line}, column ${parser.column}`,
    })
  parser.on('error', (error) => {
    throw refuse(error.message)
  })
  parser.on('opentag', (tag: SaxesTagPlain) => {
    path.push(tag.name)
    if (path.length > DEEPEST) throw refuse(`elements are nested more than ${DEEPEST} deep`)
    if (path.length === 1 && tag.name !== 'Annotations') {
      throw refuse(`not an Aperio annotation: the outermost element is <${tag.name}>, not <Annotations>`)
    }
    const annotation = annotations.at(-1)
    const parent = path.at(-2)
    if (tag.name === 'Annotation') {
      annotations.push({ name: tag.attributes.Name ?? '', regions: [] })
      nameless = true
    } else if (tag.name === 'Attribute' && path.at(-3) === 'Annotation' && annotation && nameless) {
      annotation.name = tag.attributes.Name || annotation.name
      nameless = false
    } else if (tag.name === 'Region' && parent === 'Regions') annotation?.regions.push({ xs: [], ys: [] })
    else if (tag.name === 'Vertex' && parent === 'Vertices') {
      const region = annotation?.regions.at(-1)
      region?.xs.push(coordinate(tag, 'X', refuse))
      region?.ys.push(coordinate(tag, 'Y', refuse))
    }
  })
  parser.on('closetag', ({ name }) => {
    path.pop()
    if (name === 'Region' && annotations.at(-1)?.regions.at(-1)?.xs.length === 0) {
      throw refuse('a region has no vertices')
    }
  })
  for (let at = 0; at < text.length; at += PIECE) parser.write(text.slice(at, at + PIECE))
  parser.close()
  return annotations
}

function coordinate(
  { attributes }: SaxesTagPlain,
  axis: 'X' | 'Y',
  refuse: (what: string) => FormatError,
): number {
  const text = attributes[axis] ?? ''
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && Math.abs(value) < 2 ** 31) return value
  throw refuse(`a vertex has no coordinate ${axis}: "${text.slice(0, 40)}"`)
}
