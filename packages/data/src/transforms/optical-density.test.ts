import { describe, expect, it } from 'vitest'
import { opticalDensities, opticalDensity, transmittance } from './optical-density.ts'

describe('optical density', () => {
  it('is the same for bytes, 16-bit values and floats', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const words = Uint16Array.from(bytes, (byte) => byte * 257)
    const floats = Float32Array.from(bytes, (byte) => byte / 255)
    const expected = [...bytes].map((byte) => Math.fround(-Math.log(Math.max(1, byte) / 255)))
    for (const image of [bytes, words, floats]) {
      for (const [at, density] of opticalDensities(image).entries()) {
        expect(density).toBeCloseTo(expected[at]!, 6)
      }
    }
  })

  it('leaves as much light as the exponential says, to 5·10⁻⁷', () => {
    for (let density = 0; density < 8; density += 0.000937) {
      expect(Math.abs(transmittance(density) - Math.exp(-density))).toBeLessThan(5e-7)
    }
  })

  it('leaves all light below a density of 0 and next to none above 8', () => {
    expect(transmittance(-1)).toBe(1)
    expect(transmittance(0)).toBe(1)
    expect(transmittance(30)).toBeCloseTo(Math.exp(-8), 12)
    expect(opticalDensity(0)).toBeCloseTo(Math.log(255), 12)
  })
})
