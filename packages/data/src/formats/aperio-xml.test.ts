import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { sharedData } from '../../test/shared-data.ts'
import { parseAperioXml } from './aperio-xml.ts'

const monusac = sharedData('monusac-typed-1/original/TCGA-5P-A9K0-01Z-00-DX1_1.excerpt.xml')
const region = (inside: string) =>
  `<Annotations><Annotation Name="Epithelial"><Regions><Region><Vertices>${inside}</Vertices></Region></Regions></Annotation></Annotations>`

describe('parseAperioXml', () => {
  it('gives layers with their outlines; the first attribute names a layer before the annotation does', () => {
    const text = `<?xml version="1.0"?><Annotations><Annotation Name="layer">
      <Attributes><Attribute Name="Macrophage"/><Attribute Name="other"/></Attributes>
      <Regions><Region><Attributes><Attribute Name="remark"/></Attributes>
        <Vertices><Vertex X="1.5" Y="-2"/><Vertex X="3e1" Y="4"/></Vertices></Region></Regions>
      </Annotation><Annotation Name="plain"/></Annotations>`
    expect(parseAperioXml(text, 'here')).toEqual([
      { name: 'Macrophage', regions: [{ xs: [1.5, 30], ys: [-2, 4] }] },
      { name: 'plain', regions: [] },
    ])
  })

  it.skipIf(monusac.absent)(`reads MoNuSAC's own annotation${monusac.absent}`, async () => {
    const [annotation, ...more] = parseAperioXml(await readFile(monusac.path, 'utf8'), 'excerpt')
    expect(more).toEqual([])
    expect(annotation!.name).toBe('Epithelial')
    expect(annotation!.regions.map(({ xs }) => xs.length)).toEqual([12, 8])
    expect([annotation!.regions[1]!.xs[0], annotation!.regions[1]!.ys[0]]).toEqual([451, 416])
  })

  it.each<[string, string, string]>([
    ['text that is not XML', 'hello', 'line 1'],
    ['an element left open', '<Annotations><Annotation>', 'unclosed tag'],
    ['another kind of XML', '<svg/>', 'the outermost element is <svg>'],
    ['a vertex without a coordinate', region('<Vertex X="1"/>'), 'no coordinate Y'],
    ['a coordinate that is no number', region('<Vertex X="1" Y="NaN"/>'), 'no coordinate Y: "NaN"'],
    ['a coordinate beyond all images', region('<Vertex X="1" Y="1e300"/>'), 'no coordinate Y'],
    ['a region without vertices', region(''), 'a region has no vertices'],
    ['nesting without end', '<Annotations>'.repeat(1e5), 'more than 32 deep'],
    [
      'entities that would expand',
      `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Annotations x="&b;"/>`,
      'undefined entity',
    ],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parseAperioXml(text, 'here')).toThrow('here: ')
    expect(() => parseAperioXml(text, 'here')).toThrow(message)
  })
})
