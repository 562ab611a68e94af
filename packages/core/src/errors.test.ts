import { describe, expect, it } from 'vitest'
import { nearestName, ShapeError, unknownName } from './errors.ts'

describe('errors', () => {
  it('say what failed, what was expected, what came, and what to do', () => {
    const error = new ShapeError('conv2d/channels', 'conv2d: channels differ', {
      expected: '64 input channels',
      received: 'x [2, 32, 32, 48] with 48',
      hint: 'look at the skip connection',
    })
    expect(error.message).toBe(
      [
        'conv2d: channels differ',
        '  expected 64 input channels',
        '  received x [2, 32, 32, 48] with 48',
        '  hint: look at the skip connection',
      ].join('\n'),
    )
    expect(error.code).toBe('conv2d/channels')
    expect(error.name).toBe('ShapeError')
  })

  it('offer the nearest name, and none when nothing is near', () => {
    expect(nearestName('temprature', ['temperature', 'gamma'])).toBe('temperature')
    expect(nearestName('Unet', ['unet', 'unet-plus-plus'])).toBe('unet')
    expect(nearestName('zzz', ['temperature', 'gamma'])).toBeUndefined()
    expect(unknownName('x', 'no loss', 'dise', ['dice', 'focal']).message).toContain('did you mean "dice"?')
  })
})
